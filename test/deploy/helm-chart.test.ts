import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config.js';
import { call, folderWith } from '../cli/call.js';

const chart = join(import.meta.dirname, '../../deploy/helm/podgate');
const read = (...path: readonly string[]) => readFileSync(join(chart, ...path), 'utf8');
const templates = readdirSync(join(chart, 'templates')).sort();

type Values = Readonly<Record<string, unknown>>;

/** A value at a path such as `.Values.image`. Throws where the values don't have it. */
function lookUp(path: string, root: Values): unknown {
  let value: unknown = root;
  for (const member of path.slice(1).split('.')) {
    if (typeof value !== 'object' || value === null || !(member in value)) throw new Error(`no ${path}`);
    value = Reflect.get(value, member);
  }
  return value;
}

/** Renders what the chart uses of Helm's language: values, `quote`, `toJson`, `with` in a line, and one `if` around a file. */
function render(template: string, values: Values, namespace = 'podgate'): string {
  const root = { Values: values, Release: { Name: 'podgate', Namespace: namespace } };
  const body = template.replace(
    /^\{\{- if (\.[\w.]+) \}\}\n([\s\S]*)\{\{- end \}\}\n$/,
    (_, path: string, inner: string) => (lookUp(path, root) === true ? inner : ''),
  );
  const chosen = body.replaceAll(
    /\{\{ with (\.[\w.]+) \}\}(.*?)\{\{ end \}\}/g,
    (_, path: string, inner: string) => {
      const value = lookUp(path, root);
      return value === '' ? '' : inner.replaceAll('{{ . }}', String(value));
    },
  );
  return chosen.replaceAll(/\{\{ (\.[\w.]+)(?: \| (\w+))? \}\}/g, (_, path: string, pipe?: string) => {
    const value = lookUp(path, root);
    if (pipe === 'toJson') return JSON.stringify(value);
    return pipe === 'quote' ? JSON.stringify(String(value)) : String(value);
  });
}

const defaults: Values = parse(read('values.yaml'));
const everything: Values = {
  ...defaults,
  certManager: { enabled: true, issuerName: 'podgate', ipAddresses: ['10.96.0.77'] },
  serviceMonitor: { enabled: true, tokenSecretName: 'podgate-metrics' },
};

describe('the Helm chart', () => {
  test('is a chart', () => {
    expect(parse(read('Chart.yaml'))).toMatchObject({ apiVersion: 'v2', name: 'podgate' });
    expect(templates.length).toBeGreaterThan(4);
  });

  test.each(templates)('%s renders to one object in its namespace, with nothing left over', (template) => {
    const rendered = render(read('templates', template), everything);
    expect(rendered).not.toContain('{{');
    expect(parse(rendered)).toMatchObject({
      apiVersion: expect.any(String),
      kind: expect.any(String),
      metadata: { namespace: 'podgate' },
    });
  });

  test('leaves out what is switched off', () => {
    const rendered = templates.filter((template) => render(read('templates', template), defaults) !== '');
    expect(rendered).toEqual([
      'networkpolicy.yaml',
      'poddisruptionbudget.yaml',
      'service.yaml',
      'statefulset.yaml',
    ]);
  });
});

describe('what runs in the pods', () => {
  const { spec } = parse(render(read('templates', 'statefulset.yaml'), defaults, 'security'));
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const image = readFileSync(join(chart, '../../../Dockerfile'), 'utf8');
  /** What the image sets, then the Secret, then the chart: as the container has it. */
  const environment: Record<string, string> = {
    ...Object.fromEntries(
      [...image.matchAll(/\b(PODGATE_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    ),
    DATABASE_URL: 'postgresql://podgate@db/podgate',
    PODGATE_ADMIN_TOKEN: 'x'.repeat(32),
    PODGATE_SIGNING_KEY_SECRET: 'y'.repeat(32),
    ...Object.fromEntries(
      container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
    ),
  };

  test('is configured with settings that there are, and listens where the Service leads', () => {
    const known = readFileSync(join(chart, '../../../src/config.ts'), 'utf8');
    for (const { name } of container.env) expect(known).toContain(`${name}:`);
    const config = parseConfig(environment);
    const ports = Object.fromEntries(
      container.ports.map((port: { name: string; containerPort: number }) => [port.name, port.containerPort]),
    );
    expect(ports).toEqual({ http: config.port, webhook: config.webhook?.port });
    expect([config.host, config.webhook?.host]).toEqual(['0.0.0.0', '0.0.0.0']);
    const service = parse(render(read('templates', 'service.yaml'), defaults));
    expect(service.spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort)).toEqual(
      Object.keys(ports),
    );
    expect(service.spec.selector).toEqual(spec.template.metadata.labels);
  });

  test('is told nothing about the Service, whose name would make PODGATE_PORT an address', () => {
    expect(() => parseConfig({ ...environment, PODGATE_PORT: 'tcp://10.96.0.7:8080' })).toThrow(
      'PODGATE_PORT',
    );
    expect(pod.enableServiceLinks).toBe(false);
  });

  test('keeps its data on its volume and finds its certificate', () => {
    const config = parseConfig(environment);
    const mounted = Object.fromEntries(
      container.volumeMounts.map((mount: { name: string; mountPath: string }) => [
        mount.name,
        mount.mountPath,
      ]),
    );
    expect(mounted['data']).toBe(config.dataDir);
    expect(config.webhook?.tls).toMatchObject({
      cert: `${mounted['certificate']}/tls.crt`,
      key: `${mounted['certificate']}/tls.key`,
    });
    const volumes = [
      ...pod.volumes,
      ...spec.volumeClaimTemplates.map(({ metadata }: { metadata: object }) => metadata),
    ];
    expect(new Set(volumes.map(({ name }) => name))).toEqual(new Set(Object.keys(mounted)));
  });

  test('never stands in its own way, in whichever namespace it is', () => {
    expect(parseConfig(environment).webhook?.excludedNamespaces).toEqual(['kube-system', 'security']);
    const webhook = { certificateSecretName: 'podgate-webhook', excludedNamespaces: '' };
    const rendered = parse(render(read('templates', 'statefulset.yaml'), { ...defaults, webhook }));
    const [alone] = rendered.spec.template.spec.containers;
    const name = 'PODGATE_WEBHOOK_EXCLUDED_NAMESPACES';
    expect(alone.env).toContainEqual({ name, value: 'podgate' });
  });

  test('is stopped only after it has drained, and asks for no rights', () => {
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(60);
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    // It calls no API server, so that it needs no rights there.
    expect(pod.automountServiceAccountToken).toBe(false);
  });

  const RESTRICTED = {
    apiVersion: 'policy/v1beta1',
    kind: 'PodSecurityPolicy',
    metadata: {
      name: 'restricted',
      annotations: { 'seccomp.security.alpha.kubernetes.io/allowedProfileNames': 'runtime/default' },
    },
    spec: {
      allowPrivilegeEscalation: false,
      requiredDropCapabilities: ['ALL'],
      volumes: ['configMap', 'downwardAPI', 'emptyDir', 'persistentVolumeClaim', 'projected', 'secret'],
      runAsUser: { rule: 'MustRunAsNonRoot' },
      seLinux: { rule: 'RunAsAny' },
      supplementalGroups: { rule: 'MustRunAs', ranges: [{ min: 1, max: 65535 }] },
      fsGroup: { rule: 'MustRunAs', ranges: [{ min: 1, max: 65535 }] },
      readOnlyRootFilesystem: true,
    },
  };

  test.each([
    ['as it is', {}, 0],
    ['with a file system that it may write to', { readOnlyRootFilesystem: false }, 1],
    ['with more rights than it has', { allowPrivilegeEscalation: true }, 1],
    ['with capabilities', { capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] } }, 1],
    ['as root', { runAsUser: 0 }, 1],
  ])('is let in %s, or not, by a restricted policy', async (_name, changes, code) => {
    const changed = { ...container, securityContext: { ...container.securityContext, ...changes } };
    const evaluated = { ...pod, containers: [changed] };
    const directory = await folderWith({
      'policy.json': JSON.stringify(RESTRICTED),
      'pod.json': JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'podgate' },
        spec: evaluated,
      }),
    });
    expect((await call(['evaluate', 'pod.json', '--policies', 'policy.json'], { directory })).code).toBe(
      code,
    );
  });

  test('stays reachable while the database is away', () => {
    for (const probe of ['readinessProbe', 'livenessProbe']) {
      expect(container[probe].httpGet).toEqual({ path: '/healthz', port: 'http' });
    }
  });
});

describe('what stands around the pods', () => {
  const object = (name: string) => parse(render(read('templates', `${name}.yaml`), everything));
  const { spec } = object('statefulset');
  const labels = spec.template.metadata.labels;
  const pod = spec.template.spec;
  const ports = pod.containers[0].ports.map(({ name }: { name: string }) => name);

  test('two of them run, on two nodes where there are, and one is always left', () => {
    expect(spec.replicas).toBe(2);
    expect(spec.selector.matchLabels).toEqual(labels);
    expect(spec.podManagementPolicy).toBe('Parallel');
    expect(pod.topologySpreadConstraints).toMatchObject([
      { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
    ]);
    const budget = object('poddisruptionbudget').spec;
    expect(budget).toEqual({ minAvailable: 1, selector: { matchLabels: labels } });
    expect(budget.minAvailable).toBeLessThan(spec.replicas);
  });

  test('each has a volume of its own for the journal, and reads its certificate only', () => {
    expect(spec.volumeClaimTemplates).toMatchObject([
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: defaults['storage'] } } },
      },
    ]);
    const [container] = pod.containers;
    const certificate = container.volumeMounts.find(({ name }: { name: string }) => name === 'certificate');
    expect(certificate.readOnly).toBe(true);
    // Podgate's own user, which doesn't own the volumes' files, gets at them by its group.
    expect(pod.securityContext).toMatchObject({ runAsUser: 1000, fsGroup: 1000 });
    expect(container.resources.requests).toEqual(defaults['resources']);
  });

  test('the network policy lets both ports in to the pods, and nothing else', () => {
    expect(object('networkpolicy').spec).toEqual({
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress'],
      ingress: [{ ports: ports.map((port: string) => ({ port })) }],
    });
  });

  test('the service monitor finds the Service and its port, with the token', () => {
    const service = object('service');
    const monitor = object('servicemonitor').spec;
    expect(monitor.selector.matchLabels).toEqual(service.metadata.labels);
    expect(monitor.endpoints).toEqual([
      {
        port: 'http',
        path: '/metrics',
        authorization: { credentials: { name: 'podgate-metrics', key: 'token' } },
      },
    ]);
    expect(service.spec.ports.map(({ name }: { name: string }) => name)).toContain('http');
    expect([service.metadata.name, spec.serviceName]).toEqual(['podgate', 'podgate']);
  });

  test('the certificate is for the name of the Service, in the Secret that the pods mount', () => {
    const certificate = object('certificate').spec;
    const volume = pod.volumes.find(({ name }: { name: string }) => name === 'certificate');
    expect(certificate).toEqual({
      secretName: volume.secret.secretName,
      dnsNames: [`${object('service').metadata.name}.podgate.svc`],
      ipAddresses: ['10.96.0.77'],
      issuerRef: { kind: 'Issuer', name: 'podgate' },
    });
  });
});

test('every value is used by a template, and every one that is used is there', () => {
  const text = templates.map((template) => read('templates', template)).join('');
  const used = new Set([...text.matchAll(/\.Values\.([\w.]+)/g)].map(([, path]) => path));
  const paths = Object.entries(defaults).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null
      ? Object.keys(value).map((inner) => `${key}.${inner}`)
      : [key],
  );
  expect(used).toEqual(new Set(paths));
});

test('the kustomization names the files that are there', () => {
  const folder = join(chart, '../../kustomize');
  const { resources, namespace } = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
  expect(resources).toEqual(['podgate.yaml']);
  expect(namespace).toBe('podgate');
  const objects = readFileSync(join(folder, 'podgate.yaml'), 'utf8').split('---\n').filter(Boolean);
  const rendered = ['service', 'poddisruptionbudget', 'networkpolicy', 'statefulset'].map((name) =>
    parse(render(read('templates', `${name}.yaml`), defaults)),
  );
  expect(objects.map((object) => parse(object))).toEqual(rendered);
});
