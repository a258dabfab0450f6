import { describe, expect, it } from 'vitest';
import {
  compilePolicy,
  compilePolicySet,
  type Evaluation,
  evaluate,
  formatFieldError,
  type JsonPatchOperation,
  type Pod,
  patch,
  type PodSecurityPolicySpec,
} from '../../../src/engine/index.js';

/** A pod and the part of a policy that it meets; everything else in the policy is allowed. */
interface ControlCase {
  readonly name: string;
  readonly policy?: PodSecurityPolicySpec;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly pod: Pod;
}

/** What a control lets pass, and what it fills in then. */
interface PassingCase extends ControlCase {
  readonly patch?: readonly JsonPatchOperation[];
}

/** What a control speaks against: `[container] control: error`, word for word. */
interface FailingCase extends ControlCase {
  readonly violations: readonly string[];
}

export interface ControlFixtures {
  readonly passing: readonly PassingCase[];
  readonly failing: readonly FailingCase[];
}

/** A policy that allows everything and fills in nothing. */
export const ALLOW_ALL: PodSecurityPolicySpec = {
  privileged: true,
  hostNetwork: true,
  hostPID: true,
  hostIPC: true,
  hostPorts: [{ min: 0, max: 65535 }],
  volumes: ['*'],
  allowedCapabilities: ['*'],
  allowedUnsafeSysctls: ['*'],
  allowedProcMountTypes: ['Default', 'Unmasked'],
  runAsUser: { rule: 'RunAsAny' },
  seLinux: { rule: 'RunAsAny' },
  fsGroup: { rule: 'RunAsAny' },
  supplementalGroups: { rule: 'RunAsAny' },
};

/** The annotation without which a policy allows no seccomp profile. */
export const ALLOW_ALL_ANNOTATIONS = { 'seccomp.security.alpha.kubernetes.io/allowedProfileNames': '*' };

/** A pod with one container. */
export function podWith(container: object, spec: object = {}, annotations?: Record<string, string>): Pod {
  return {
    metadata: { name: 'pod', ...(annotations === undefined ? {} : { annotations }) },
    spec: { containers: [{ name: 'app', ...container }], ...spec },
  };
}

/** Evaluates a case against its one policy, `p`. */
function evaluateCase({ policy, annotations, pod }: ControlCase): Evaluation {
  const compiled = compilePolicy({
    name: 'p',
    annotations: annotations ?? ALLOW_ALL_ANNOTATIONS,
    spec: { ...ALLOW_ALL, ...policy },
  });
  if (!compiled.ok) throw new Error(compiled.problems.map(formatFieldError).join('\n'));
  return evaluate(compilePolicySet([compiled.policy]), { pod, operation: 'CREATE', usable: () => true });
}

/** What the policy of a case speaks against, in order. */
function violationsOf(evaluation: Evaluation): string[] {
  return evaluation.candidates.flatMap(({ violations }) =>
    violations.map(({ container, control, ...error }) => {
      const where = container === null ? '' : `[${container}] `;
      return `${where}${control}: ${formatFieldError(error)}`;
    }),
  );
}

/** Runs the fixtures of a control. */
export function describeControl(id: string, { passing, failing }: ControlFixtures): void {
  describe(`control ${id}`, () => {
    it.each(passing.map((one) => [one.name, one] as const))('admits %s', (_name, one) => {
      const evaluation = evaluateCase(one);
      expect(violationsOf(evaluation)).toEqual([]);
      expect(evaluation.allowed).toBe(true);
      expect(patch(evaluation)).toEqual(one.patch ?? []);
    });

    it.each(failing.map((one) => [one.name, one] as const))('refuses %s', (_name, one) => {
      const evaluation = evaluateCase(one);
      expect(violationsOf(evaluation)).toEqual(one.violations);
      expect(evaluation.allowed).toBe(false);
      expect(patch(evaluation)).toEqual([]);
    });
  });
}
