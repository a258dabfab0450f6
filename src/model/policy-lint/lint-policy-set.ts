import { compareBytes, type PolicySource } from '../../engine/index.js';
import type { AssignmentTerms, Subject } from '../assignment.js';
import { type Comparison, comparePolicies, plainParts } from '../policy-diff/comparison.js';
import { sameJson } from '../policy-diff/same-json.js';
import { samplePod } from '../policy-diff/sample-pod.js';
import { trialOf } from '../policy-diff/trial.js';
import type { PolicyWarning } from './policy-warning.js';

/** A policy of a set, and who may use it where. */
export interface LintedMember extends Pick<AssignmentTerms, 'subjects' | 'namespaces'> {
  readonly policy: PolicySource;
}

/**
 * What is odd about one policy beside each of the others of a set: one of the two can never be chosen, or which of the
 * two is chosen, and so what is filled in, hangs on their names. Policies must be valid.
 */
export function lintBeside(subject: LintedMember, others: readonly LintedMember[]): readonly PolicyWarning[] {
  return others.flatMap((other) => {
    if (!mayMeet(subject, other)) return [];
    const inOrder = compareBytes(subject.policy.name, other.policy.name) < 0;
    return lintPair(...(inOrder ? ([subject, other] as const) : ([other, subject] as const)));
  });
}

function lintPair(first: LintedMember, second: LintedMember): readonly PolicyWarning[] {
  const comparison = comparePolicies(first.policy, second.policy);
  if (plainParts(comparison, 'before') === null || plainParts(comparison, 'after') === null) return [];
  const [one, two] = [first.policy.name, second.policy.name];
  if (usableWherever(first, second) && covers(comparison)) {
    const message = `${two} can never be chosen: ${one} admits every pod that ${two} admits, changes none that ${two} would leave as it is, and comes first by name`;
    return [{ code: 'SHADOWED', message, field: null, policies: [two, one] }];
  }
  if (!orderDecides(comparison)) return [];
  const message = `${one} goes before ${two} only by its name: some pods satisfy both, and they fill in different values`;
  return [{ code: 'ORDER_BY_NAME', message, field: null, policies: [one, two] }];
}

/** Whether the first policy admits all that the second one does, and leaves as it is all that the second one does. */
function covers({ aspects }: Comparison): boolean {
  return aspects.every(({ parts }) =>
    parts.every(
      ({ before, after }) => !after.admits || (before.admits && (after.mutates || !before.mutates)),
    ),
  );
}

/** Whether there is a pod that both policies admit only with changes, and with different ones. */
function orderDecides({ before, after, aspects }: Comparison): boolean {
  const parts = aspects.map(({ parts }) => {
    const common = parts.filter((one) => one.before.admits && one.after.admits);
    const rank = (one: (typeof common)[number]) => Number(one.before.mutates) + Number(one.after.mutates);
    return common.toSorted((a, b) => rank(b) - rank(a))[0]?.part;
  });
  const shared = parts.filter((part) => part !== undefined);
  if (shared.length < parts.length) return false;
  const [left, right] = trialOf([before, after])(samplePod(shared));
  if (left === undefined || right === undefined || !left.admits || !right.admits) return false;
  return left.mutates && right.mutates && !sameJson(left.fills(), right.fills());
}

/** Whether there may be a request that may use both. Different subjects may be one and the same user. */
function mayMeet(left: LintedMember, right: LintedMember): boolean {
  const { namespaces } = right;
  if (left.namespaces === null || namespaces === null) return true;
  return left.namespaces.some((namespace) => namespaces.includes(namespace));
}

/** Whether everybody who may use the second policy may use the first one, everywhere. */
function usableWherever(first: LintedMember, second: LintedMember): boolean {
  return includesAll(first.namespaces, second.namespaces) && includesAll(first.subjects, second.subjects);
}

function includesAll<T extends string | Subject>(
  all: readonly T[] | null,
  some: readonly T[] | null,
): boolean {
  if (all === null) return true;
  return some !== null && some.every((one) => all.some((other) => sameJson(one, other)));
}
