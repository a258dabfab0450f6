import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admittedPod,
  applyPatch,
  type CompiledPolicy,
  compilePolicy,
  compilePolicySet,
  evaluate,
  type Pod,
  patch,
  type PodSecurityPolicySpec,
  type PolicySource,
} from '../../src/engine/index.js';
import { anyPod, anyPolicy } from './arbitraries.js';
import { ALLOW_ALL, ALLOW_ALL_ANNOTATIONS } from './controls/control-case.js';

/** PODGATE_LAW_CASES=100000 for the long run. */
const numRuns = Number(process.env['PODGATE_LAW_CASES'] ?? 2000);
const TIMEOUT = 600_000;

function compiled(source: PolicySource): CompiledPolicy | null {
  const result = compilePolicy(source);
  return result.ok ? result.policy : null;
}

function isSound(policy: CompiledPolicy | null): policy is CompiledPolicy {
  return policy !== null && policy.unusable === null;
}

function decide(policies: readonly CompiledPolicy[], pod: Pod) {
  return evaluate(compilePolicySet(policies), { pod, operation: 'CREATE', usable: () => true });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}

/** Checks a law for generated policies and pods, and that enough of the policies were valid. */
function law(check: (policy: CompiledPolicy, pod: Pod, source: PolicySource) => void): void {
  let checked = 0;
  fc.assert(
    fc.property(anyPolicy, anyPod, (source, pod) => {
      const policy = compiled(source);
      if (!isSound(policy)) return;
      checked++;
      check(policy, pod, source);
    }),
    { numRuns },
  );
  expect(checked).toBeGreaterThan(numRuns / 10);
}

/** Ways to loosen a policy in one field. */
const LOOSENINGS: readonly ((source: PolicySource) => PolicySource)[] = [
  ...(
    [
      { privileged: true },
      { hostNetwork: true },
      { hostPID: true },
      { hostIPC: true },
      { hostPorts: [{ min: 0, max: 65535 }] },
      { volumes: ['*'], allowedHostPaths: null, allowedFlexVolumes: null, allowedCSIDrivers: null },
      { allowedHostPaths: null },
      { allowedFlexVolumes: null },
      { allowedCSIDrivers: null },
      { allowedCapabilities: ['*'], requiredDropCapabilities: null },
      { allowPrivilegeEscalation: true },
      { readOnlyRootFilesystem: false },
      { allowedProcMountTypes: ['Default', 'Unmasked'] },
      { allowedUnsafeSysctls: ['*'], forbiddenSysctls: null },
      { forbiddenSysctls: null },
      { runtimeClass: null },
      { runAsUser: { rule: 'RunAsAny' } },
      { runAsGroup: null },
      { fsGroup: { rule: 'RunAsAny' } },
      { supplementalGroups: { rule: 'RunAsAny' } },
      { seLinux: { rule: 'RunAsAny' } },
    ] satisfies PodSecurityPolicySpec[]
  ).map((looser) => (source: PolicySource) => ({ ...source, spec: { ...source.spec, ...looser } })),
  (source) => ({ ...source, annotations: { ...source.annotations, ...ALLOW_ALL_ANNOTATIONS } }),
  ({ annotations, ...source }) => {
    const { 'apparmor.security.beta.kubernetes.io/allowedProfileNames': _list, ...others } =
      annotations ?? {};
    return { ...source, annotations: others };
  },
];

describe('laws of the engine', { timeout: TIMEOUT }, () => {
  it('never writes to what it is given', () => {
    law((policy, pod) => {
      const evaluation = decide([deepFreeze(policy)], deepFreeze(pod));
      patch(evaluation);
      admittedPod(evaluation);
    });
  });

  it('admits what it has admitted once more, unchanged, under the same policy', () => {
    law((policy, pod) => {
      const evaluation = decide([policy], pod);
      if (!evaluation.allowed) return;
      const admitted = admittedPod(evaluation);
      expect(admitted).toEqual(applyPatch(pod, patch(evaluation)));
      const [again] = decide([policy], admitted).candidates;
      expect(again).toMatchObject({ outcome: 'ADMITTED', mutates: false });
    });
  });

  it('fills in nothing more into what it has filled in, refused pods included', () => {
    law((policy, pod) => {
      const filled = applyPatch(pod, patch(decide([policy], pod), policy.name));
      expect(decide([policy], filled).candidates[0]?.mutates).toBe(false);
    });
  });

  it('calls a pod changed exactly where its patch is not empty', () => {
    law((policy, pod) => {
      const evaluation = decide([policy], pod);
      expect(patch(evaluation, policy.name).length > 0).toBe(evaluation.candidates[0]?.mutates);
    });
  });

  it('never refuses under a looser policy what it admits', () => {
    law((policy, pod, source) => {
      if (!decide([policy], pod).allowed) return;
      for (const loosen of LOOSENINGS) {
        const looser = compiled(loosen(source));
        if (isSound(looser)) expect(decide([looser], pod).candidates[0]?.violations).toEqual([]);
      }
    });
  });

  it('admits every pod unchanged under a policy that allows everything, but for what seccomp fields ask for', () => {
    const policy = compiled({ name: 'all', annotations: ALLOW_ALL_ANNOTATIONS, spec: ALLOW_ALL });
    if (policy === null) throw new Error('the policy that allows everything is valid');
    fc.assert(
      fc.property(anyPod, (pod) => {
        const evaluation = decide([policy], pod);
        expect(evaluation.allowed).toBe(true);
        for (const { value } of patch(evaluation))
          expect(JSON.stringify(value)).toMatch(/default|unconfined|localhost/);
      }),
      { numRuns },
    );
  });

  it('tells the same in the same order whenever it is asked', () => {
    law((policy, pod) => expect(decide([policy], pod)).toEqual(decide([policy], pod)));
  });

  // Many policies have demands in common, which are asked first: a pod that meets these is held against no single one.
  it.each([
    ['a few', 6, numRuns],
    ['many', 40, Math.ceil(numRuns / 20)],
  ])(
    'gives together what %s policies of a set give one by one, in whatever order they come',
    (_, most, runs) => {
      fc.assert(
        fc.property(fc.array(anyPolicy, { maxLength: most, size: 'max' }), anyPod, (sources, pod) => {
          const valid = sources
            .map((source, index) => compiled({ ...source, name: `${source.name}.${index}` }))
            .filter((policy) => policy !== null);
          const together = decide(valid, pod);
          expect(decide(valid.toReversed(), pod)).toEqual(together);
          expect(together.candidates).toHaveLength(valid.length);
          for (const policy of valid) {
            const alone = decide([policy], pod);
            const { outcome, ...rest } =
              together.candidates.find(({ policy: name }) => name === policy.name) ?? {};
            const { outcome: aloneOutcome, ...aloneRest } = alone.candidates[0] ?? {};
            expect(rest).toEqual(aloneRest);
            expect(outcome === 'ADMITTED_NOT_CHOSEN' ? 'ADMITTED' : outcome).toBe(aloneOutcome);
            expect(patch(together, policy.name)).toEqual(patch(alone, policy.name));
          }
        }),
        { numRuns: runs },
      );
    },
  );
});
