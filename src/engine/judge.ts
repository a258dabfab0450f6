import { type OrderedViolations, Report } from './controls/control.js';
import type { PodView } from './pod-view.js';
import type { PolicySet } from './policy-set.js';
import type { Violation } from './violation.js';

/** What a policy set found in a pod, by position of the policy. */
export interface Judgement {
  /** Whether all policies fill something in, or one of them does. */
  readonly allMutate: boolean;
  readonly mutates: readonly boolean[];
  /** What a policy speaks against; `null`: nothing. Equal lists of several policies may be one. */
  readonly violations: readonly (OrderedViolations | null)[];
}

/** Asks every rule of a set about a pod, each once, and gives the answers to the policies that have the rule. */
export function judge(set: PolicySet, pod: PodView): Judgement {
  let allMutate = false;
  const mutates = set.unmarked.slice();
  const violations: (OrderedViolations | null)[] = set.unjudged.slice();
  const report = new Report(null);
  for (const { registered, rules } of set.controls) {
    if (registered.applies !== null && !registered.applies(pod)) continue;
    const { default: fillIn, validate } = registered;
    report.begin(registered.podPosition, registered.containerPosition);
    for (const { rule, byAll, policies } of rules) {
      if (fillIn !== null && !allMutate) fillIn(rule, pod, report);
      if (validate !== null) validate(rule, pod, report);
      if (report.takeMutates()) {
        if (byAll) allMutate = true;
        else for (const policy of policies) mutates[policy] = true;
      }
      const found = report.takeViolations();
      if (found !== null) {
        for (const policy of policies) violations[policy] = merge(violations[policy] ?? null, found);
      }
    }
  }
  return { allMutate, mutates, violations };
}

/** Two ordered lists as one. Most policies object in one control only and share its list. */
function merge(left: OrderedViolations | null, right: OrderedViolations): OrderedViolations {
  if (left === null) return right;
  if (endsBefore(left, right)) return joined(left, right);
  if (endsBefore(right, left)) return joined(right, left);
  const violations: Violation[] = [];
  const order: number[] = [];
  let l = 0;
  let r = 0;
  while (l < left.order.length || r < right.order.length) {
    const leftPlace = left.order[l] ?? Number.POSITIVE_INFINITY;
    const rightPlace = right.order[r] ?? Number.POSITIVE_INFINITY;
    const fromLeft = leftPlace <= rightPlace;
    const violation = fromLeft ? left.violations[l] : right.violations[r];
    if (violation !== undefined) violations.push(violation);
    order.push(fromLeft ? leftPlace : rightPlace);
    if (fromLeft) l++;
    else r++;
  }
  return { violations, order };
}

function endsBefore(first: OrderedViolations, second: OrderedViolations): boolean {
  return (first.order.at(-1) ?? 0) < (second.order[0] ?? 0);
}

function joined(first: OrderedViolations, second: OrderedViolations): OrderedViolations {
  return { violations: first.violations.concat(second.violations), order: first.order.concat(second.order) };
}
