import { compilePolicy, type PolicySource } from '../../engine/index.js';
import { fieldPath, policyOf } from '../policy-diff/aspect.js';
import { ASPECTS } from '../policy-diff/aspects.js';
import { comparePolicies, plainParts } from '../policy-diff/comparison.js';
import { OPEN_POLICY } from '../policy-diff/open-policy.js';
import { samplePod } from '../policy-diff/sample-pod.js';
import { trialOf } from '../policy-diff/trial.js';
import { fieldsWithoutEffect } from './fields-without-effect.js';
import { overlappingRanges } from './overlapping-ranges.js';
import type { PolicyWarning, PolicyWarningCode } from './policy-warning.js';

/** What is odd about a valid policy by itself. Throws a TypeError for one that the API would refuse. */
export function lintPolicy(policy: PolicySource): readonly PolicyWarning[] {
  const warn = (code: PolicyWarningCode, message: string): PolicyWarning => ({
    code,
    message,
    field: null,
    policies: [policy.name],
  });
  const ranges = overlappingRanges(policy.name, policy.spec);
  const compiled = compilePolicy(policy);
  const unusable = compiled.ok ? compiled.policy.unusable : null;
  if (unusable !== null) return [warn('UNUSABLE', `the policy can't be used: ${unusable}`), ...ranges];

  const comparison = comparePolicies(policy, OPEN_POLICY);
  if (plainParts(comparison, 'before') === null) {
    return [warn('ADMITS_NOTHING', 'no pod can satisfy the policy'), ...ranges];
  }
  const refusesNone = comparison.aspects.every(({ parts }) => parts.every(({ before }) => before.admits));
  const filled = filledFields(policy);
  return [
    ...(refusesNone ? [warn('ADMITS_EVERYTHING', 'every pod satisfies the policy')] : []),
    ...(filled.length > 0 ? [warn('MUTATES', mutates(filled))] : []),
    ...ranges,
    ...fieldsWithoutEffect(policy),
  ];
}

function mutates(fields: readonly string[]): string {
  return `the policy fills in values (${fields.join(', ')}): any usable policy that admits a pod as it is goes before it`;
}

/** The fields that fill something into a pod that says nothing. */
function filledFields(policy: PolicySource): readonly string[] {
  const fields = ASPECTS.flatMap((aspect) => aspect.fields);
  const trial = trialOf(fields.map((field) => policyOf([[field, policy]])));
  const outcomes = trial(samplePod([]));
  return fields.filter((_field, index) => outcomes[index]?.mutates === true).map(fieldPath);
}
