import { compilePolicy, type PolicySource } from '../../engine/index.js';
import { type Aspect, fieldPath, fieldValue, type PolicyField } from '../policy-diff/aspect.js';
import { ASPECTS } from '../policy-diff/aspects.js';
import { compareAspect } from '../policy-diff/comparison.js';
import { sameJson } from '../policy-diff/same-json.js';
import type { PolicyWarning } from './policy-warning.js';

/** Values that say no more than an absent field does, as good documentation may. */
const SPELT_OUT: readonly unknown[] = [null, false, [], ['Default']];

/** Fields that a usable policy could do without, admitting and filling in the same. */
export function fieldsWithoutEffect(policy: PolicySource): readonly PolicyWarning[] {
  return [...needlessFields(policy), ...needlessMembers(policy)].map(([field, why]) => ({
    code: 'NO_EFFECT',
    message: `${field} has no effect: ${why}`,
    field,
    policies: [policy.name],
  }));
}

function needlessFields(policy: PolicySource): (readonly [string, string])[] {
  return ASPECTS.flatMap((aspect) =>
    aspect.fields.flatMap((field) => {
      const value = fieldValue(policy, field);
      if (SPELT_OUT.some((one) => sameJson(one, value)) || isEscalationDefault(field, value)) return [];
      const without = withoutField(policy, field);
      // A strategy that must be there is no field to do without.
      if (!compilePolicy(without).ok || !sameMeaning(aspect, policy, without)) return [];
      return [[fieldPath(field), 'without it the policy says the same'] as const];
    }),
  );
}

function isEscalationDefault({ key }: PolicyField, value: unknown): boolean {
  return key === 'allowPrivilegeEscalation' && value === true;
}

function withoutField(policy: PolicySource, { place, key }: PolicyField): PolicySource {
  // Safe: read only to be copied, member by member.
  const { [key]: _dropped, ...others } = { ...policy[place] } as Readonly<Record<string, unknown>>;
  return { ...policy, [place]: others };
}

function sameMeaning(aspect: Aspect, policy: PolicySource, without: PolicySource): boolean {
  return compareAspect(aspect, policy, without).parts.every(({ before, after }) => {
    if (before.admits !== after.admits) return false;
    return !before.admits || sameJson(before.fills(), after.fills());
  });
}

/** Members of strategies that their rule doesn't look at. */
function needlessMembers({ spec }: PolicySource): (readonly [string, string])[] {
  const strategies = ['runAsUser', 'supplementalGroups', 'fsGroup'] as const;
  const ranges = strategies.flatMap((key) => {
    const rule = spec[key]?.rule ?? '';
    if (rule === 'MustRunAs' || rule === 'MayRunAs' || (spec[key]?.ranges ?? []).length === 0) return [];
    return [[`spec.${key}.ranges`, `the rule ${rule} has no ranges`] as const];
  });
  const label = spec.seLinux?.rule === 'RunAsAny' ? (spec.seLinux.seLinuxOptions ?? null) : null;
  if (label === null) return ranges;
  return [...ranges, ['spec.seLinux.seLinuxOptions', 'the rule RunAsAny has no options']];
}
