import type { PodView } from './containers.js';
import { type Finding, Report } from './controls/control.js';
import type { PolicySet, SharedRule } from './policy-set.js';
import type { Violation } from './violation.js';

/** A rule that found something in a pod. */
export interface RuleFinding {
  readonly rule: SharedRule;
  readonly finding: Finding;
}

/** Violations with their places in Kubernetes' order, ascending. */
interface Ordered {
  readonly violations: readonly Violation[];
  readonly order: readonly number[];
}

/** What a policy set found in a pod, by position of the policy. */
export interface Judgement {
  readonly findings: readonly RuleFinding[];
  /** Whether a policy fills something in. */
  readonly mutates: readonly boolean[];
  /** What a policy speaks against; absent: nothing. Equal lists of several policies may be one. */
  readonly violations: readonly (Ordered | undefined)[];
}

/** Asks every rule of a set about a pod, each once, and gives the answers to the policies that have the rule. */
export function judge(set: PolicySet, pod: PodView): Judgement {
  const findings: RuleFinding[] = [];
  const mutates: boolean[] = set.policies.map(() => false);
  const violations: (Ordered | undefined)[] = set.policies.map(() => undefined);
  const report = new Report();
  for (const rule of set.rules) {
    const { control, podPosition, containerPosition } = rule.registered;
    report.begin(podPosition, containerPosition);
    control.default?.(rule.rule, pod, report);
    control.validate?.(rule.rule, pod, report);
    const finding = report.finish();
    if (finding === null) continue;
    findings.push({ rule, finding });
    const changes = finding.changes.length > 0;
    const objects = finding.violations.length > 0;
    for (const policy of rule.policies) {
      if (changes) mutates[policy] = true;
      if (objects) violations[policy] = merge(violations[policy], finding);
    }
  }
  return { findings, mutates, violations };
}

/** Two ordered lists as one. Most policies object in one control only and share its list. */
function merge(left: Ordered | undefined, right: Ordered): Ordered {
  if (left === undefined) return right;
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
