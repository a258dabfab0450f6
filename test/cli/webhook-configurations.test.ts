import { X509Certificate } from 'node:crypto';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { makeCertificate } from '../../src/cli/certificate/make-certificate.js';
import {
  labelRequirements,
  webhookConfigurations,
  type WebhookInstallation,
} from '../../src/cli/webhook-configurations.js';
import { call, folderWith } from './call.js';

const installation: WebhookInstallation = {
  cluster: 'prod',
  url: 'https://podgate.example:8443',
  secret: null,
  authority: null,
  failurePolicy: 'Fail',
  timeoutSeconds: 10,
  excludedNamespaces: ['kube-system', 'podgate'],
  namespaceRequirements: [],
  kubernetesMinor: 30,
};

/** The one webhook of each configuration. */
function webhooksOf(changes: Partial<WebhookInstallation> = {}) {
  // Each configuration has a list with one webhook.
  return webhookConfigurations({ ...installation, ...changes }).map(
    ({ webhooks }) => (webhooks as readonly Record<string, unknown>[])[0],
  );
}

describe('the webhook configurations', () => {
  test('ask about pods at creation to change them, and about everything else to check it', () => {
    expect(webhooksOf()).toMatchObject([
      {
        clientConfig: { url: 'https://podgate.example:8443/admission/prod/mutate' },
        rules: [{ operations: ['CREATE'], resources: ['pods'] }],
        reinvocationPolicy: 'IfNeeded',
        matchPolicy: 'Equivalent',
        failurePolicy: 'Fail',
        sideEffects: 'NoneOnDryRun',
      },
      { clientConfig: { url: 'https://podgate.example:8443/admission/prod/validate' } },
    ]);
  });

  test('bear the secret in the path and the authority', () => {
    const [mutating] = webhooksOf({ secret: 'podgate_x', authority: 'PEM' });
    expect(mutating?.['clientConfig']).toEqual({
      url: 'https://podgate.example:8443/admission/prod/~podgate_x/mutate',
      caBundle: 'UEVN',
    });
  });

  test.each<[string, Partial<WebhookInstallation>, object]>([
    [
      'a Service by its name, which API servers resolve themselves',
      { url: 'https://podgate.security.svc:8443' },
      { service: { name: 'podgate', namespace: 'security', port: 8443, path: '/admission/prod/mutate' } },
    ],
    [
      'a Service on the port of TLS',
      { url: 'https://podgate.security.svc' },
      { service: { name: 'podgate', namespace: 'security', port: 443, path: '/admission/prod/mutate' } },
    ],
    [
      'a URL where a secret is in the path, which no path of a Service may hold',
      { url: 'https://podgate.security.svc:8443', secret: 's_X' },
      { url: 'https://podgate.security.svc:8443/admission/prod/~s_X/mutate' },
    ],
    [
      'a URL below a path',
      { url: 'https://podgate.security.svc/gate' },
      { url: 'https://podgate.security.svc/gate/admission/prod/mutate' },
    ],
  ])('name %s', (_, changes, expected) => {
    expect(webhooksOf(changes)[0]?.['clientConfig']).toEqual(expected);
  });

  test.each([
    [20, false, false],
    [21, true, false],
    [28, true, true],
  ])('say to Kubernetes 1.%i what it understands', (kubernetesMinor, selects, hasConditions) => {
    for (const webhook of webhooksOf({ kubernetesMinor })) {
      expect(webhook !== undefined && 'namespaceSelector' in webhook).toBe(selects);
      expect(webhook !== undefined && 'matchConditions' in webhook).toBe(hasConditions);
    }
  });
});

test.each([
  ['team=a', [{ key: 'team', operator: 'In', values: ['a'] }]],
  [
    '!legacy,stage!=test,owned',
    [
      { key: 'legacy', operator: 'DoesNotExist' },
      { key: 'stage', operator: 'NotIn', values: ['test'] },
      { key: 'owned', operator: 'Exists' },
    ],
  ],
  ['!a=b', null],
  ['a b', null],
])('the selector %s', (selector, requirements) => {
  expect(labelRequirements(selector)).toEqual(requirements);
});

test('a certificate is signed by its authority and is good for its names and addresses alone', () => {
  const hosts = ['podgate.podgate.svc', '10.0.0.7', 'fd00::7'];
  const made = makeCertificate({ hosts, notBefore: new Date('2049-12-31T00:00:00Z'), days: 30 });
  const certificate = new X509Certificate(made.certificate);
  const authority = new X509Certificate(made.authority);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(authority.verify(authority.publicKey)).toBe(true);
  expect([authority.ca, certificate.ca]).toEqual([true, false]);
  expect(certificate.checkHost('podgate.podgate.svc')).toBe('podgate.podgate.svc');
  expect(certificate.checkHost('other.podgate.svc')).toBeUndefined();
  expect(certificate.checkIP('10.0.0.7')).toBe('10.0.0.7');
  expect(certificate.checkIP('fd00::7')).toBe('fd00::7');
  expect(new Date(certificate.validTo).toISOString()).toBe('2050-01-30T00:00:00.000Z');
});

describe('podgate install', () => {
  const files = { 'ca.crt': 'PEM\n', secret: 'podgate_x\n' };
  const everything = [
    '--cluster prod --url https://10.0.0.7:8443 --ca-file ca.crt --secret-file secret --namespace-selector team=a',
    '--exclude-namespace security --exclude-namespace infra --failure-policy Ignore --timeout 7 --kubernetes-version 1.29',
  ].flatMap((line) => line.split(' '));
  const install = async (...argv: readonly string[]) => {
    const called = await call(['install', ...argv], { directory: await folderWith(files) });
    return { ...called, objects: called.code === 0 ? loadAll(called.out) : [] };
  };
  /** What both configurations say of their webhook. */
  const webhook = (phase: string) => ({
    name: `${phase}.admission.podgate`,
    clientConfig: { url: `https://10.0.0.7:8443/admission/prod/~podgate_x/${phase}`, caBundle: 'UEVNCg==' },
    failurePolicy: 'Ignore',
    matchPolicy: 'Equivalent',
    sideEffects: 'NoneOnDryRun',
    timeoutSeconds: 7,
    admissionReviewVersions: ['v1', 'v1beta1'],
    namespaceSelector: {
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['security', 'infra'] },
        { key: 'team', operator: 'In', values: ['a'] },
      ],
    },
    matchConditions: [{ name: 'not-excluded', expression: '!(request.namespace in ["security","infra"])' }],
  });
  const rule = (group: string, version: string, operations: readonly string[], ...resources: string[]) => ({
    apiGroups: [group],
    apiVersions: [version],
    operations,
    resources,
    scope: 'Namespaced',
  });
  const changed = ['CREATE', 'UPDATE'];

  test('prints both configurations, with everything that is asked for', async () => {
    const { code, objects } = await install(...everything);
    expect(code).toBe(0);
    const head = (kind: string) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name: 'podgate' },
    });
    expect(objects).toEqual([
      {
        ...head('MutatingWebhookConfiguration'),
        webhooks: [
          {
            ...webhook('mutate'),
            rules: [rule('', 'v1', ['CREATE'], 'pods')],
            reinvocationPolicy: 'IfNeeded',
          },
        ],
      },
      {
        ...head('ValidatingWebhookConfiguration'),
        webhooks: [
          {
            ...webhook('validate'),
            rules: [
              rule('', 'v1', changed, 'pods'),
              rule('', 'v1', ['UPDATE'], 'pods/ephemeralcontainers'),
              rule('', 'v1', changed, 'replicationcontrollers', 'podtemplates'),
              rule('apps', 'v1', changed, 'deployments', 'statefulsets', 'daemonsets', 'replicasets'),
              rule('batch', '*', changed, 'jobs', 'cronjobs'),
            ],
          },
        ],
      },
    ]);
  });

  test('refuses a pod where Podgate does not answer in ten seconds, but in no excluded namespace', async () => {
    const { objects } = await install('--cluster', 'prod', '--url', 'https://podgate.podgate.svc:8443');
    expect(objects).toHaveLength(2);
    for (const { webhooks } of objects as { webhooks: object[] }[]) {
      expect(webhooks).toMatchObject([
        {
          failurePolicy: 'Fail',
          timeoutSeconds: 10,
          namespaceSelector: {
            matchExpressions: [{ operator: 'NotIn', values: ['kube-system', 'podgate'] }],
          },
          matchConditions: [{ expression: '!(request.namespace in ["kube-system","podgate"])' }],
        },
      ]);
    }
  });

  test('is undone by what podgate uninstall prints: the same objects by name', async () => {
    const installed = await install(...everything);
    const { out } = await call(['uninstall']);
    const names = (objects: readonly unknown[]) =>
      (objects as { kind: string; metadata: object }[]).map(({ kind, metadata }) => ({ kind, metadata }));
    expect(names(loadAll(out))).toEqual(names(installed.objects));
  });

  test.each([
    ['--url', 'http://podgate.example'],
    ['--url', 'podgate.example'],
    ['--failure-policy', 'Maybe'],
    ['--timeout', '31'],
    ['--timeout', '0'],
    ['--namespace-selector', 'a b'],
    ['--kubernetes-version', 'new'],
    ['--ca-file', 'nowhere.crt'],
    ['--secret-file', 'nowhere'],
  ])('refuses %s %s', async (option, value) => {
    const { code, out, err } = await install(...everything, option, value);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(option);
  });
});
