import type { Pod, PolicySource } from '../../engine/index.js';
import { type Aspect, fieldPath, fieldValue, type PodPart } from './aspect.js';
import {
  type ComparedAspect,
  type ComparedPart,
  type Comparison,
  comparePolicies,
  otherSide,
  plainParts,
  type Side,
} from './comparison.js';
import { type FieldShare, shareOf } from './field-share.js';
import type { ChangeEffect, DiffVerdict, PolicyChange, PolicyDiff } from './policy-diff.js';
import { sameJson } from './same-json.js';
import { samplePod } from './sample-pod.js';
import { type Trial, trialOf } from './trial.js';

/**
 * What differs in meaning between two policies. A policy stands for the set of pods that it would admit on CREATE,
 * alone and with all it fills in; a pod is any that v1 can express with at least one container, ids up to int64 and
 * known volume types. Both policies must be valid (`compilePolicy` takes them), else a TypeError is thrown; those that
 * admission can't use admit nothing. Every claim is tried with the engine on a whole pod.
 */
export function diffPolicies(before: PolicySource, after: PolicySource): PolicyDiff {
  const comparison = comparePolicies(before, after);
  const witnesses = new Witnesses(comparison);
  const changes = comparison.aspects.flatMap((compared) => changesOf(compared, comparison, witnesses));
  const gains = comparison.aspects.some((compared) => witnesses.first(compared, 'after') !== undefined);
  const losses = comparison.aspects.some((compared) => witnesses.first(compared, 'before') !== undefined);
  return { verdict: verdictOf(gains, losses), changes };
}

function verdictOf(gains: boolean, losses: boolean): DiffVerdict {
  if (gains) return losses ? 'MIXED' : 'LOOSENED';
  return losses ? 'TIGHTENED' : 'EQUIVALENT';
}

function changesOf(compared: ComparedAspect, comparison: Comparison, witnesses: Witnesses): PolicyChange[] {
  const { before, after } = comparison;
  return compared.aspect.fields.flatMap((field) => {
    const values = { before: fieldValue(before, field), after: fieldValue(after, field) };
    if (sameJson(values.before, values.after)) return [];
    const share = shareOf(field, compared, before, after);
    const gained = witnesses.first(compared, 'after', share);
    const lost = witnesses.first(compared, 'before', share);
    const effect = effectOf(gained, lost, share);
    if (effect === null) return [];
    const witness = gained ?? lost;
    const change = { field: fieldPath(field), ...values, effect };
    return [
      {
        ...change,
        ...(witness === undefined ? {} : { witness }),
        ...(gained === undefined || lost === undefined ? {} : { counterWitness: lost }),
      },
    ];
  });
}

function effectOf(gained: Pod | undefined, lost: Pod | undefined, share: FieldShare): ChangeEffect | null {
  if (gained !== undefined) return lost === undefined ? 'LOOSENS' : 'CHANGES';
  if (lost !== undefined) return 'TIGHTENS';
  return share.fills() ? 'DEFAULTS' : null;
}

/** Finds pods that one policy admits and the other doesn't, and proves them. */
class Witnesses {
  readonly #plain: Readonly<Record<Side, ReadonlyMap<Aspect, PodPart> | null>>;
  readonly #trial: Trial;

  constructor(comparison: Comparison) {
    this.#plain = { before: plainParts(comparison, 'before'), after: plainParts(comparison, 'after') };
    this.#trial = trialOf([comparison.before, comparison.after]);
  }

  /** A pod that only the policy of that side admits, because of this aspect, and of this field if one is given. */
  first({ aspect, parts }: ComparedAspect, side: Side, share?: FieldShare): Pod | undefined {
    const plain = this.#plain[side];
    if (plain === null) return undefined;
    const telling = parts.find(
      (one) =>
        one[side].admits && !one[otherSide(side)].admits && (share === undefined || share.decides(one, side)),
    );
    return telling === undefined ? undefined : this.#proven(telling, aspect, plain, side);
  }

  #proven(
    { part }: ComparedPart,
    aspect: Aspect,
    plain: ReadonlyMap<Aspect, PodPart>,
    side: Side,
  ): Pod | undefined {
    const pod = samplePod([...new Map([...plain, [aspect, part]]).values()]);
    const [before, after] = this.#trial(pod);
    const proven = before?.admits === (side === 'before') && after?.admits === (side === 'after');
    return proven ? pod : undefined;
  }
}
