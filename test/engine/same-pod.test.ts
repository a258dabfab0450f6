import { describe, expect, it } from 'vitest';
import { sameForAdmission } from '../../src/engine/same-pod.js';

const container = { name: 'app', image: 'nginx:1' };
const spec = { containers: [container] };
const base = { metadata: { name: 'pod' }, spec };
const withSpec = (members: object) => ({ ...base, spec: { ...spec, ...members } });
const withContainer = (members: object) => withSpec({ containers: [{ ...container, ...members }] });
const withVolume = (source: object) => withSpec({ volumes: [{ name: 'v', ...source }] });

describe('an update that changes nothing that PodSecurityPolicy looks at', () => {
  it.each<[string, object, object]>([
    ['nothing', base, base],
    [
      'owners, finalizers, selfLink and managed fields',
      base,
      {
        ...base,
        metadata: {
          name: 'pod',
          ownerReferences: [{}],
          finalizers: ['a/b'],
          selfLink: '/x',
          managedFields: [{}],
        },
      },
    ],
    ['the status', base, { ...base, status: { phase: 'Running' } }],
    ['apiVersion and kind', base, { ...base, apiVersion: 'v1', kind: 'Pod' }],
    [
      'an empty map or list',
      base,
      { metadata: { name: 'pod', labels: {}, annotations: {} }, spec: { ...spec, tolerations: [] } },
    ],
    ['null', base, withSpec({ nodeSelector: null, volumes: null })],
    ["a scalar's zero", base, withSpec({ hostNetwork: false, nodeName: '' })],
    [
      'what the API fills in',
      base,
      withSpec({
        dnsPolicy: 'ClusterFirst',
        restartPolicy: 'Always',
        schedulerName: 'default-scheduler',
        terminationGracePeriodSeconds: 30,
        enableServiceLinks: true,
        securityContext: {},
      }),
    ],
    [
      'what the API fills into containers',
      base,
      withContainer({
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        resources: {},
      }),
    ],
    [
      'the pull policy of an image without a tag',
      withContainer({ image: 'r:5000/nginx' }),
      withContainer({ image: 'r:5000/nginx', imagePullPolicy: 'Always' }),
    ],
    [
      'requests that limits imply',
      withContainer({ resources: { limits: { cpu: '1' } } }),
      withContainer({ resources: { limits: { cpu: '1000m' }, requests: { cpu: 1 } } }),
    ],
    [
      'a port as host port under hostNetwork',
      withSpec({ hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 1 }] }] }),
      withSpec({
        hostNetwork: true,
        containers: [{ ...container, ports: [{ containerPort: 1, hostPort: 1, protocol: 'TCP' }] }],
      }),
    ],
    [
      'the alias of serviceAccountName',
      withSpec({ serviceAccountName: 'a' }),
      withSpec({ serviceAccountName: 'a', serviceAccount: 'a' }),
    ],
    ['the emptyDir of a volume without a source', withVolume({}), withVolume({ emptyDir: {} })],
    ['the mode of a secret', withVolume({ secret: {} }), withVolume({ secret: { defaultMode: 420 } })],
    [
      'what the API fills into a projected volume',
      withVolume({
        projected: {
          sources: [
            { serviceAccountToken: { path: 't' } },
            { downwardAPI: { items: [{ fieldRef: { fieldPath: 'x' } }] } },
          ],
        },
      }),
      withVolume({
        projected: {
          defaultMode: 420,
          sources: [
            { serviceAccountToken: { path: 't', expirationSeconds: 3600 } },
            { downwardAPI: { items: [{ fieldRef: { fieldPath: 'x', apiVersion: 'v1' } }] } },
          ],
        },
      }),
    ],
    [
      'what the API fills into probes',
      withContainer({ livenessProbe: { httpGet: { port: 1 } } }),
      withContainer({
        livenessProbe: {
          httpGet: { port: 1, path: '/', scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
      }),
    ],
    [
      'one time written in two ways',
      { metadata: { creationTimestamp: '2020-01-01T00:00:00Z' } },
      { metadata: { creationTimestamp: '2020-01-01T01:00:00.0+01:00' } },
    ],
  ])('leaves out %s', (_what, pod, oldPod) => {
    expect(sameForAdmission(pod, oldPod)).toBe(true);
    expect(sameForAdmission(oldPod, pod)).toBe(true);
  });

  it.each<[string, object]>([
    ['a label', { ...base, metadata: { name: 'pod', labels: { a: '' } } }],
    ['an annotation', { ...base, metadata: { name: 'pod', annotations: { 'kubernetes.io/psp': 'p' } } }],
    ['the resource version', { ...base, metadata: { name: 'pod', resourceVersion: '2' } }],
    ['an image', withContainer({ image: 'nginx:2' })],
    ['the order of containers', withSpec({ containers: [{ name: 'other' }, container] })],
    ['an empty object that Go holds by pointer', withContainer({ securityContext: {} })],
    ['a zero that Go holds by pointer', withSpec({ securityContext: { runAsUser: 0 } })],
    ['a quantity', withContainer({ resources: { limits: { cpu: '2' } } })],
    ['a time', { ...base, metadata: { name: 'pod', deletionTimestamp: '2020-01-01T00:00:00Z' } }],
  ])('counts %s', (_what, pod) => {
    expect(sameForAdmission(pod, base)).toBe(false);
    expect(sameForAdmission(base, pod)).toBe(false);
  });

  it('compares times with fractions of very many zeros in bounded time', () => {
    const at = (end: string) => {
      const deletionTimestamp = `2020-01-01T00:00:00.${'0'.repeat(200_000)}${end}Z`;
      return { ...base, metadata: { name: 'pod', deletionTimestamp } };
    };
    const started = performance.now();
    expect(sameForAdmission(at('1'), at('2'))).toBe(false);
    expect(sameForAdmission(at('1'), at('100'))).toBe(true);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
