import {
  compilePolicy,
  compilePolicySet,
  type ControlName,
  evaluate,
  type JsonPatchOperation,
  patch,
  type Pod,
  type PolicySource,
} from '../../engine/index.js';

/** What one policy alone says to a pod that is to be created. */
export interface TrialOutcome {
  readonly admits: boolean;
  readonly mutates: boolean;
  /** Whether a control speaks against the pod; every one does where the policy can't be used. */
  refuses(control: ControlName): boolean;
  /** What the policy fills in, whether it admits the pod or not. */
  fills(): readonly JsonPatchOperation[];
}

/** Tries pods with several policies at once; outcomes are in the order of the policies. */
export type Trial = (pod: Pod) => readonly TrialOutcome[];

/**
 * Prepares policies to be tried one by one on the same pods. Their names don't matter. Throws for policies that the
 * API would refuse.
 */
export function trialOf(policies: readonly PolicySource[]): Trial {
  const names = policies.map((_policy, index) => `policy-${index}`);
  const set = compilePolicySet(policies.map((policy, index) => compiled(policy, names[index] ?? '')));
  return (pod) => {
    const evaluation = evaluate(set, { pod, operation: 'CREATE', usable: () => true });
    const byName = new Map(evaluation.candidates.map((candidate) => [candidate.policy, candidate]));
    return names.map((name) => {
      const candidate = byName.get(name);
      const outcome = candidate?.outcome ?? 'NOT_USABLE';
      return {
        admits: outcome === 'ADMITTED' || outcome === 'ADMITTED_NOT_CHOSEN',
        mutates: candidate?.mutates === true,
        refuses: (control) =>
          outcome === 'NOT_USABLE' || candidate?.violations.some((one) => one.control === control) === true,
        fills: () => patch(evaluation, name),
      };
    });
  };
}

function compiled(policy: PolicySource, name: string) {
  const result = compilePolicy({ ...policy, name });
  if (result.ok) return result.policy;
  const problems = result.problems.map(({ field, message }) => `${field}: ${message}`);
  throw new TypeError(`only valid policies can be compared: ${problems.join('; ')}`);
}
