import { describe, expect, it } from 'vitest';
import {
  admittedPod,
  compilePolicy,
  compilePolicySet,
  evaluate,
  type Pod,
  patch,
} from '../../src/engine/index.js';
import { ALLOW_ALL } from './controls/control-case.js';

const KEY = 'seccomp.security.alpha.kubernetes.io/pod';
const result = compilePolicy({
  name: 'p',
  annotations: {
    'seccomp.security.alpha.kubernetes.io/allowedProfileNames': '*',
    'seccomp.security.alpha.kubernetes.io/defaultProfileName': 'runtime/default',
  },
  spec: {
    ...ALLOW_ALL,
    fsGroup: { rule: 'MustRunAs', ranges: [{ min: 1, max: 1 }] },
    runtimeClass: { allowedRuntimeClassNames: ['*'], defaultRuntimeClassName: 'kata' },
    readOnlyRootFilesystem: true,
  },
});
if (!result.ok) throw new Error('the policy is valid');
const set = compilePolicySet([result.policy]);

function changed(pod: Pod) {
  const evaluation = evaluate(set, { pod, operation: 'CREATE', usable: () => true });
  return { operations: patch(evaluation), pod: admittedPod(evaluation) };
}

describe('the patch to a submitted pod', () => {
  it('adds what is missing in one operation each', () => {
    expect(changed({ metadata: {}, spec: { containers: [{ name: 'a' }] } }).operations).toEqual([
      { op: 'add', path: '/metadata/annotations', value: { [KEY]: 'runtime/default' } },
      { op: 'add', path: '/spec/runtimeClassName', value: 'kata' },
      { op: 'add', path: '/spec/securityContext', value: { fsGroup: 1 } },
      { op: 'add', path: '/spec/containers/0/securityContext', value: { readOnlyRootFilesystem: true } },
    ]);
  });

  it('adds member by member to what is there, also in place of null or the empty text', () => {
    const pod = {
      metadata: { annotations: { [KEY]: '' } },
      spec: { runtimeClassName: null, securityContext: {}, containers: [{ securityContext: {} }] },
    };
    expect(changed(pod).operations).toEqual([
      {
        op: 'add',
        path: '/metadata/annotations/seccomp.security.alpha.kubernetes.io~1pod',
        value: 'runtime/default',
      },
      { op: 'add', path: '/spec/runtimeClassName', value: 'kata' },
      { op: 'add', path: '/spec/securityContext/fsGroup', value: 1 },
      { op: 'add', path: '/spec/containers/0/securityContext/readOnlyRootFilesystem', value: true },
    ]);
  });

  it('applies to a pod without metadata and spec, which stays as it is', () => {
    const pod = {};
    expect(changed(pod).pod).toEqual({
      metadata: { annotations: { [KEY]: 'runtime/default' } },
      spec: { runtimeClassName: 'kata', securityContext: { fsGroup: 1 } },
    });
    expect(pod).toEqual({});
  });

  it('applies to as many containers as a pod may have, and copies nothing that it does not touch', () => {
    const env = [{ name: 'A', value: '1' }];
    const containers = Array.from({ length: 20_000 }, (_, n) => ({
      name: `c${n}`,
      securityContext: {},
      env,
    }));
    const pod = { metadata: { annotations: {} }, spec: { containers } };
    const { operations, pod: admitted } = changed(pod);
    expect(operations).toHaveLength(20_003);
    const written = admitted.spec?.containers ?? [];
    expect(written).toHaveLength(20_000);
    expect(written.every(({ securityContext }) => securityContext?.readOnlyRootFilesystem === true)).toBe(
      true,
    );
    expect(written[19_999]).toHaveProperty('env', env);
    expect(containers.every(({ securityContext }) => Object.keys(securityContext).length === 0)).toBe(true);
  });

  it('leaves out what the API server fills in', () => {
    const pod = {
      spec: { hostNetwork: true, containers: [{ ports: [{ containerPort: 80 }] }], volumes: [{ name: 'v' }] },
    };
    expect(JSON.stringify(changed(pod).operations)).not.toMatch(/hostPort|emptyDir/);
  });
});
