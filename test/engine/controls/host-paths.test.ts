import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePolicy, compilePolicySet, evaluate, type Pod } from '../../../src/engine/index.js';
import { ALLOW_ALL, ALLOW_ALL_ANNOTATIONS, describeControl, podWith } from './control-case.js';
import { fixtures } from './fixtures/host-paths.js';

describeControl('host-paths', fixtures);

const readOnly = compilePolicy({
  name: 'p',
  annotations: ALLOW_ALL_ANNOTATIONS,
  spec: { ...ALLOW_ALL, allowedHostPaths: [{ pathPrefix: '/a', readOnly: true }] },
});

function judge(pod: Pod, mostViolations?: number) {
  if (!readOnly.ok) throw new Error('the policy is valid');
  const request = { pod, operation: 'CREATE', usable: () => true, mostViolations } as const;
  return evaluate(compilePolicySet([readOnly.policy]), request).candidates[0]?.violations;
}

const name = fc.constantFrom('a', 'b', 'c', undefined);
const mount = fc.record({ name, readOnly: fc.constantFrom(true, false, undefined) });
const container = fc.record({ volumeMounts: fc.array(fc.oneof(mount, fc.constant(null)), { maxLength: 5 }) });

describe('volumes of which all mounts must be read-only', () => {
  it('are, however many there are, told about as each of them alone is', () => {
    fc.assert(
      fc.property(
        fc.array(name, { maxLength: 20 }),
        fc.array(container, { maxLength: 4 }),
        (names, containers) => {
          const podWithVolumes = (list: typeof names) =>
            ({
              spec: { containers, volumes: list.map((each) => ({ name: each, hostPath: { path: '/a' } })) },
            }) as Pod;
          expect(judge(podWithVolumes(names))).toEqual(
            names.flatMap((each) => judge(podWithVolumes([each])) ?? []),
          );
        },
      ),
    );
  });

  it('are left as soon as more is to be said than may be', () => {
    const many = (count: number, path: object) =>
      Array.from({ length: count }, () => ({ name: 'v', ...path }));
    const pod = podWith(
      { volumeMounts: many(5_000, {}) },
      { volumes: many(5_000, { hostPath: { path: '/a' } }) },
    );
    const started = performance.now();
    expect(() => judge(pod, 20_000)).toThrow('there are more than 20000 violations');
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
