import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compilePolicy,
  compilePolicySet,
  evaluate,
  type PodSecurityPolicySpec,
  type PolicySource,
} from '../../../src/engine/index.js';
import type { AssignmentTerms } from '../../../src/model/assignment.js';
import { lintBeside } from '../../../src/model/policy-lint/lint-policy-set.js';
import { somePod, twoVersions } from '../policy-diff/arbitraries.js';
import { policy } from '../policy-diff/policies.js';

type Who = Partial<Pick<AssignmentTerms, 'subjects' | 'namespaces'>>;
const member = (name: string, spec: PodSecurityPolicySpec = {}, who: Who = {}) => ({
  policy: { ...policy(spec), name },
  subjects: null,
  namespaces: null,
  ...who,
});
const codes = (...pair: readonly [ReturnType<typeof member>, ReturnType<typeof member>]) =>
  lintBeside(pair[0], [pair[1]]).map(({ code, policies }) => `${code} ${policies.join(' ')}`);

const nobody = { runAsUser: { rule: 'MustRunAsNonRoot' } };
const groups = (min: number) => ({ fsGroup: { rule: 'MustRunAs', ranges: [{ min, max: 9 }] } });
const team = { subjects: [{ kind: 'Group', name: 'team' }] } as const;

describe('two policies side by side', () => {
  it.each([
    ['the later one admits no more', member('a'), member('b', nobody), ['SHADOWED b a']],
    ['they are asked about the other way round', member('b', nobody), member('a'), ['SHADOWED b a']],
    ['the earlier one admits less', member('a', nobody), member('b'), []],
    ['both fill in the same', member('a', groups(1)), member('b', groups(1)), ['SHADOWED b a']],
    [
      'the earlier one fills in where the later one does not',
      member('a', { ...groups(1), privileged: true }),
      member('b', { fsGroup: { rule: 'MayRunAs', ranges: [{ min: 1, max: 9 }] } }),
      [],
    ],
    [
      'both fill in different values',
      member('a', groups(1)),
      member('b', { ...groups(2), hostPID: true }),
      ['ORDER_BY_NAME a b'],
    ],
    [
      'both fill in, one in this field, one in that',
      member('a', groups(1)),
      member('b', { requiredDropCapabilities: ['ALL'], hostPID: true }),
      ['ORDER_BY_NAME a b'],
    ],
    [
      'no pod satisfies both',
      member('a', { ...groups(1), allowedProcMountTypes: ['Unmasked'] }),
      member('b', groups(2)),
      [],
    ],
    ['one of them can not be used', member('a', { fsGroup: { rule: 'MustRunAs' } }), member('b'), []],
    [
      'they are of different namespaces',
      member('a', {}, { namespaces: ['x'] }),
      member('b', {}, { namespaces: ['y'] }),
      [],
    ],
    ['the earlier one is for a team only', member('a', {}, team), member('b'), []],
    ['the later one is for a team only', member('a'), member('b', {}, team), ['SHADOWED b a']],
    ['names are in byte order, not by number', member('p-10'), member('p-2'), ['SHADOWED p-2 p-10']],
  ] as const)('%s', (_name, left, right, expected) => {
    expect(codes(left, right)).toEqual(expected);
  });

  it('says SHADOWED only of policies that the engine never chooses', () => {
    let shadowed = 0;
    fc.assert(
      fc.property(twoVersions, fc.array(somePod, { minLength: 15, maxLength: 15 }), ([one, two], pods) => {
        const [a, b] = [named(one, 'a'), named(two, 'b')];
        const found = lintBeside({ policy: a, ...EVERYBODY }, [{ policy: b, ...EVERYBODY }]);
        if (found[0]?.code !== 'SHADOWED') return;
        shadowed++;
        const set = compilePolicySet([compiled(a), compiled(b)]);
        for (const pod of pods) {
          const { policy } = evaluate(set, { pod, operation: 'CREATE', usable: () => true });
          expect(policy).not.toBe('b');
        }
      }),
      { numRuns: 300 },
    );
    expect(shadowed).toBeGreaterThan(20);
  });
});

const EVERYBODY = { subjects: null, namespaces: null };

function named(source: PolicySource, name: string): PolicySource {
  return { ...source, name };
}

function compiled(source: PolicySource) {
  const result = compilePolicy(source);
  if (!result.ok) throw new Error('not valid');
  return result.policy;
}
