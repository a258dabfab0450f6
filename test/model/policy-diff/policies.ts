import {
  compilePolicy,
  compilePolicySet,
  evaluate,
  type Pod,
  type PodSecurityPolicySpec,
  type PolicySet,
  type PolicySource,
} from '../../../src/engine/index.js';

/** A policy that demands nothing of users, groups and labels, with what is given. */
export function policy(
  spec: PodSecurityPolicySpec = {},
  annotations: Readonly<Record<string, string>> = {},
): PolicySource {
  return {
    name: 'sample',
    annotations,
    spec: {
      runAsUser: { rule: 'RunAsAny' },
      seLinux: { rule: 'RunAsAny' },
      fsGroup: { rule: 'RunAsAny' },
      supplementalGroups: { rule: 'RunAsAny' },
      ...spec,
    },
  };
}

/** Compiling takes longer than asking, and the properties ask about many pods. */
const compiledOnce = new WeakMap<PolicySource, PolicySet>();

/** Whether a policy alone admits a pod, as the engine sees it. */
export function admits(source: PolicySource, pod: Pod): boolean {
  let set = compiledOnce.get(source);
  if (set === undefined) {
    const compiled = compilePolicy(source);
    if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join('; '));
    set = compilePolicySet([compiled.policy]);
    compiledOnce.set(source, set);
  }
  return evaluate(set, { pod, operation: 'CREATE', usable: () => true }).allowed;
}
