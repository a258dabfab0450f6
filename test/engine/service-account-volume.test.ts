import { describe, expect, it } from 'vitest';
import {
  addServiceAccountVolume,
  compilePolicy,
  compilePolicySet,
  evaluate,
  type Pod,
} from '../../src/engine/index.js';
import { ALLOW_ALL, ALLOW_ALL_ANNOTATIONS, podWith } from './controls/control-case.js';

const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

describe("the ServiceAccount plugin's volume", () => {
  it('is mounted in containers and init containers, read-only, and names the account', () => {
    const { spec } = addServiceAccountVolume(podWith({}, { initContainers: [{ name: 'init' }] }));
    expect(spec?.serviceAccountName).toBe('default');
    expect(spec?.volumes).toHaveLength(1);
    for (const container of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) {
      expect(container.volumeMounts).toEqual([expect.objectContaining({ mountPath: MOUNT, readOnly: true })]);
    }
  });

  it.each<[string, Pod]>([
    ['a pod that opts out', podWith({}, { automountServiceAccountToken: false })],
    ['a pod that has it', podWith({}, { volumes: [{ name: 'kube-api-access-x1' }] })],
    ['containers that mount something there', podWith({ volumeMounts: [{ name: 'v', mountPath: MOUNT }] })],
    ['a mirror pod', podWith({}, {}, { 'kubernetes.io/config.mirror': 'x' })],
  ])('is not added to %s', (_which, pod) => {
    expect(addServiceAccountVolume(pod).spec?.volumes ?? []).toEqual(pod.spec?.volumes ?? []);
  });

  it.each([
    ['secret', true],
    ['projected', true],
    ['configMap', false],
  ])('under a policy that allows %s is allowed: %s', (type, allowed) => {
    const result = compilePolicy({
      name: 'p',
      annotations: ALLOW_ALL_ANNOTATIONS,
      spec: { ...ALLOW_ALL, volumes: [type] },
    });
    if (!result.ok) throw new Error('valid');
    const pod = addServiceAccountVolume(podWith({}));
    expect(
      evaluate(compilePolicySet([result.policy]), { pod, operation: 'CREATE', usable: () => true }).allowed,
    ).toBe(allowed);
  });
});
