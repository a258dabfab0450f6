import type { PolicySource } from '../../engine/index.js';
import { type Aspect, type PodPart, policyOf } from './aspect.js';
import { ASPECTS } from './aspects.js';
import { samplePod } from './sample-pod.js';
import { type TrialOutcome, trialOf } from './trial.js';

/** What two policies say to one part of a pod. */
export interface ComparedPart {
  readonly part: PodPart;
  readonly before: TrialOutcome;
  readonly after: TrialOutcome;
}

/** Two policies in one aspect. */
export interface ComparedAspect {
  readonly aspect: Aspect;
  readonly parts: readonly ComparedPart[];
}

/** Two policies side by side in every aspect, as the engine judges them. */
export interface Comparison {
  readonly before: PolicySource;
  readonly after: PolicySource;
  readonly aspects: readonly ComparedAspect[];
}

/** Compares two valid policies. Throws for policies that the API would refuse. */
export function comparePolicies(before: PolicySource, after: PolicySource): Comparison {
  return { before, after, aspects: ASPECTS.map((aspect) => compareAspect(aspect, before, after)) };
}

/** Compares two valid policies in one aspect. */
export function compareAspect(aspect: Aspect, before: PolicySource, after: PolicySource): ComparedAspect {
  const only = (policy: PolicySource) => policyOf(aspect.fields.map((field) => [field, policy]));
  const trial = trialOf([only(before), only(after)]);
  const parts = aspect.points(before, after).flatMap((part) => {
    const [left, right] = trial(samplePod([part]));
    return left === undefined || right === undefined ? [] : [{ part, before: left, after: right }];
  });
  return { aspect, parts };
}

/** Which of two policies is meant. */
export type Side = 'before' | 'after';

/** The other one. */
export function otherSide(side: Side): Side {
  return side === 'before' ? 'after' : 'before';
}

/**
 * For every aspect the plainest part that a policy admits, one that both admit where there is one; `null` where the
 * policy admits no pod at all.
 */
export function plainParts({ aspects }: Comparison, side: Side): ReadonlyMap<Aspect, PodPart> | null {
  const plain = new Map<Aspect, PodPart>();
  for (const { aspect, parts } of aspects) {
    const admitted = parts.filter((one) => one[side].admits);
    const chosen = admitted.find((one) => one[otherSide(side)].admits) ?? admitted[0];
    if (chosen === undefined) return null;
    plain.set(aspect, chosen.part);
  }
  return plain;
}
