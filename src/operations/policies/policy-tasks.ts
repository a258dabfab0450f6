import { readPolicyContent } from '../../kubernetes/policy-manifest.js';
import type { AssignmentTerms } from '../../model/assignment.js';
import { diffPolicies } from '../../model/policy-diff/diff-policies.js';
import type { PolicyDiff } from '../../model/policy-diff/policy-diff.js';
import { lintBeside, type LintedMember } from '../../model/policy-lint/lint-policy-set.js';
import { lintPolicy } from '../../model/policy-lint/lint-policy.js';
import type { PolicyWarning } from '../../model/policy-lint/policy-warning.js';
import { readManifest } from './read-manifest.js';

/** A stored policy, and who may use it where. */
export interface LintedContent extends Pick<AssignmentTerms, 'subjects' | 'namespaces'> {
  /** Canonical JSON. */
  readonly content: string;
}

/**
 * What is asked of the texts of policies and needs nothing else: texts and plain data in, plain data out, so that a
 * thread can do it. How long it takes grows with the texts.
 */
export const POLICY_TASKS = {
  /** As {@link readManifest}. */
  read: readManifest,
  /** What is odd about a stored policy by itself. */
  lint: (content: string): readonly PolicyWarning[] => lintPolicy(readPolicyContent(content)),
  /** What is odd about a policy beside each of the others, a list for each of them. */
  lintBeside: (
    own: LintedContent,
    others: readonly LintedContent[],
  ): readonly (readonly PolicyWarning[])[] => {
    const subject = linted(own);
    return others.map((other) => lintBeside(subject, [linted(other)]));
  },
  /** The difference in meaning of two stored contents. */
  diff: (before: string, after: string): PolicyDiff =>
    diffPolicies(readPolicyContent(before), readPolicyContent(after)),
} as const;

/** Does one of {@link POLICY_TASKS}, but never holds up other requests for long; also throws TOO_MANY_REQUESTS. */
export type RunPolicyTask = <Name extends keyof PolicyTasks>(
  name: Name,
  ...input: Parameters<PolicyTasks[Name]>
) => Promise<ReturnType<PolicyTasks[Name]>>;

/** See {@link POLICY_TASKS}. */
export type PolicyTasks = typeof POLICY_TASKS;

function linted({ content, subjects, namespaces }: LintedContent): LintedMember {
  return { policy: readPolicyContent(content), subjects, namespaces };
}
