import {
  compilePolicy,
  compilePolicySet,
  evaluate,
  type Pod,
  type PodSecurityPolicySpec,
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

/** Whether a policy alone admits a pod, as the engine sees it. */
export function admits(source: PolicySource, pod: Pod): boolean {
  const compiled = compilePolicy(source);
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join('; '));
  return evaluate(compilePolicySet([compiled.policy]), { pod, operation: 'CREATE', usable: () => true })
    .allowed;
}
