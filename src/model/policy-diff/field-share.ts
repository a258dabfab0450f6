import type { Pod, PolicySource } from '../../engine/index.js';
import { type PolicyField, policyOf } from './aspect.js';
import type { ComparedAspect, ComparedPart, Side } from './comparison.js';
import { sameJson } from './same-json.js';
import { samplePod } from './sample-pod.js';
import { trialOf } from './trial.js';

/** What one field has to do with the difference of two policies in its aspect. */
export interface FieldShare {
  /**
   * Whether the field takes part in a part of a pod being admitted by one side only. That some other field would have
   * done the same doesn't count against it.
   */
  decides(part: ComparedPart, admittedBy: Side): boolean;
  /** Whether the policies fill in different values, into a pod that both admit, because of this field. */
  fills(): boolean;
}

/** The share of a field that differs. */
export function shareOf(
  field: PolicyField,
  { aspect, parts }: ComparedAspect,
  before: PolicySource,
  after: PolicySource,
): FieldShare {
  return {
    decides:
      field.control === null ? () => false : decider(field, field.control, aspect.fields, before, after),
    fills: () => fillsDiffer(field, parts, before, after),
  };
}

function decider(
  field: PolicyField,
  control: NonNullable<PolicyField['control']>,
  fields: readonly PolicyField[],
  before: PolicySource,
  after: PolicySource,
): FieldShare['decides'] {
  const judged = fields.filter((one) => one.control === control);
  /** The fields of the control alone: this one as in one policy, the others as in another. */
  const mixed = (own: PolicySource, others: PolicySource) =>
    policyOf(judged.map((one) => [one, one === field ? own : others]));
  const trial = trialOf([
    mixed(before, before),
    mixed(after, before),
    mixed(before, after),
    mixed(after, after),
  ]);
  const refusals = (pod: Pod) => trial(pod).map((outcome) => outcome.refuses(control));
  return ({ part }, admittedBy) => {
    const [old, onlyThis = false, allButThis = false, renewed] = refusals(samplePod([part]));
    return admittedBy === 'after'
      ? old === true && (!onlyThis || allButThis)
      : renewed === true && (onlyThis || !allButThis);
  };
}

function fillsDiffer(
  field: PolicyField,
  parts: readonly ComparedPart[],
  before: PolicySource,
  after: PolicySource,
): boolean {
  const shows = parts.some(
    (one) => one.before.admits && one.after.admits && !sameJson(one.before.fills(), one.after.fills()),
  );
  if (!shows) return false;
  const alone = trialOf([policyOf([[field, before]]), policyOf([[field, after]])]);
  const [left, right] = alone(samplePod([]));
  return !sameJson(left?.fills(), right?.fills());
}
