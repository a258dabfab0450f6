import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffPolicies } from '../../../src/model/policy-diff/diff-policies.js';
import type { DiffVerdict } from '../../../src/model/policy-diff/policy-diff.js';
import { somePod, somePolicy, twoVersions } from './arbitraries.js';
import { admits } from './policies.js';

const MIRRORED: Readonly<Record<DiffVerdict, DiffVerdict>> = {
  EQUIVALENT: 'EQUIVALENT',
  TIGHTENED: 'LOOSENED',
  LOOSENED: 'TIGHTENED',
  MIXED: 'MIXED',
};
/** Which of the two sides may admit a pod that the other refuses. */
const MAY_DIFFER: Readonly<Record<DiffVerdict, { readonly before: boolean; readonly after: boolean }>> = {
  EQUIVALENT: { before: false, after: false },
  TIGHTENED: { before: true, after: false },
  LOOSENED: { before: false, after: true },
  MIXED: { before: true, after: true },
};

describe('the verdict on any two policies', () => {
  const pairs = fc.oneof(twoVersions, fc.tuple(somePolicy, somePolicy));

  it('is contradicted by no pod', () => {
    let telling = 0;
    fc.assert(
      fc.property(pairs, fc.array(somePod, { minLength: 20, maxLength: 20 }), ([before, after], pods) => {
        const may = MAY_DIFFER[diffPolicies(before, after).verdict];
        for (const pod of pods) {
          const [left, right] = [admits(before, pod), admits(after, pod)];
          if (left !== right) telling++;
          expect(left && !right && !may.before).toBe(false);
          expect(right && !left && !may.after).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
    expect(telling).toBeGreaterThan(100);
  });

  it('is backed by the witnesses of its changes, each admitted by one side only', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const { verdict, changes } = diffPolicies(before, after);
        const shown = { before: false, after: false };
        for (const { witness, counterWitness, effect } of changes) {
          expect(witness === undefined).toBe(effect === 'DEFAULTS');
          for (const pod of [witness, counterWitness]) {
            if (pod === undefined) continue;
            const left = admits(before, pod);
            expect(admits(after, pod)).toBe(!left);
            shown[left ? 'before' : 'after'] = true;
          }
        }
        expect(shown).toEqual(MAY_DIFFER[verdict]);
      }),
      { numRuns: 400 },
    );
  });

  it('turns round when the policies change places', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        expect(diffPolicies(after, before).verdict).toBe(MIRRORED[diffPolicies(before, after).verdict]);
      }),
      { numRuns: 200 },
    );
  });

  it('is that nothing differs between a policy and itself', () => {
    fc.assert(
      fc.property(somePolicy, (policy) => {
        expect(diffPolicies(policy, policy)).toEqual({ verdict: 'EQUIVALENT', changes: [] });
      }),
    );
  });
});
