import { Changes } from './changes.js';
import { Findings, type OrderedViolations } from './findings.js';
import type { RegisteredControl } from './controls/registry.js';
import type { PodView } from './pod-view.js';
import type { PolicySet } from './policy-set.js';
import { TooManyViolations, type Violation } from './violation.js';

/** Which policies fill something in. */
interface Mutations {
  readonly byAll: boolean;
  /** By position of the policy; of no account where all do, empty where none does. */
  readonly byPolicy: readonly boolean[];
}

const BY_ALL: Mutations = { byAll: true, byPolicy: [] };
const BY_NONE: Mutations = { byAll: false, byPolicy: [] };

/** Asks each distinct thing that policies fill in once whether it changes anything in a pod. */
export function findMutations(set: PolicySet, pod: PodView): Mutations {
  let byPolicy: boolean[] | null = null;
  const changes = new Changes('note');
  for (const { registered, part, policies, byAll } of set.fills) {
    if (!fillsIn(registered, part, pod, changes)) continue;
    if (byAll) return BY_ALL;
    byPolicy ??= set.nowhere.slice();
    for (const policy of policies) byPolicy[policy] = true;
  }
  return byPolicy === null ? BY_NONE : { byAll: false, byPolicy };
}

function fillsIn(
  { fillInPod, fillInContainer }: RegisteredControl,
  part: unknown,
  pod: PodView,
  changes: Changes,
): boolean {
  fillInPod(part, pod, changes);
  if (fillInContainer === null) return changes.takeNote();
  for (const container of pod.containers) {
    fillInContainer(part, container, changes);
    if (changes.takeNote()) return true;
  }
  return false;
}

/**
 * Asks each distinct demand once about a pod, as it is when its policy has filled in what it does. What each policy
 * speaks against, by its position; `null`: nothing. Equal lists of several policies may be one. Throws
 * TooManyViolations where they speak against more than `most` things together.
 */
export function findViolations(
  set: PolicySet,
  pod: PodView,
  most: number,
): readonly (OrderedViolations | null)[] {
  let count = 0;
  const violations: (OrderedViolations | null)[] = set.nothing.slice();
  const findings = new Findings(most);
  for (const { registered, families } of set.demands) {
    if (!registered.concerns(pod)) continue;
    const { validate } = registered;
    findings.begin(registered.podPosition, registered.containerPosition);
    for (const { common, parts } of families) {
      if (common !== null) {
        validate(common, pod, findings);
        if (findings.dismiss()) continue;
      }
      for (const { part, policies } of parts) {
        validate(part, pod, findings);
        const found = findings.take();
        if (found === null) continue;
        count += found.order.length * policies.length;
        if (count > most) throw new TooManyViolations(most);
        for (const policy of policies) {
          const before = violations[policy] ?? null;
          violations[policy] = before === null ? found : merge(before, found);
        }
      }
    }
  }
  return violations;
}

/** Two ordered lists as one. */
function merge(left: OrderedViolations, right: OrderedViolations): OrderedViolations {
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
