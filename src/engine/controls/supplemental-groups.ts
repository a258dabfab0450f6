import type { Int64 } from '../json.js';
import type { Control } from './control.js';
import { commonRanges, firstId, groupRanges, type IdRanges, unusableGroups } from './id-ranges.js';

const FIELD = 'spec.securityContext.supplementalGroups';

interface Demand extends IdRanges {
  /** `MustRunAs`: an empty list is refused. */
  readonly required: boolean;
}

/**
 * Groups that a pod's processes have beside the primary one.
 *
 * Restricted fields: spec.securityContext.supplementalGroups
 * Allowed values: RunAsAny: anything. MustRunAs, MayRunAs: groups within the ranges. An empty list is not an absent
 * one: MustRunAs fills in nothing and refuses it.
 * Default: MustRunAs gives the first id of the first range where the list is absent.
 */
export const supplementalGroups: Control<Int64, Demand> = {
  id: 'supplemental-groups',
  fields: [
    {
      name: 'supplementalGroups',
      title: 'Supplemental groups',
      description: 'The group ids that a pod may have beside the primary group.',
      help: 'List only groups within the ranges of the policy in spec.securityContext.supplementalGroups.',
    },
  ],

  unusable: ({ spec }) => unusableGroups(spec.supplementalGroups),

  fills: ({ spec }) => firstId(spec.supplementalGroups),

  default(group, pod, changes) {
    if (pod.supplementalGroups === undefined) {
      changes.setPodContext('supplementalGroups', [group]);
    }
  },

  demands({ spec }) {
    const allowed = groupRanges(spec.supplementalGroups);
    return allowed === null ? null : { ...allowed, required: spec.supplementalGroups?.rule === 'MustRunAs' };
  },

  common(one, other) {
    const ranges = commonRanges(one, other);
    return ranges === null ? null : { ...ranges, required: one.required || other.required };
  },

  validate({ ranges, printed, required }, pod, findings) {
    const groups = pod.supplementalGroups;
    if (groups === undefined) return;
    if (groups.length === 0 && required) {
      const message = 'unable to validate empty groups against required ranges';
      findings.pod('supplementalGroups', 'Invalid', FIELD, groups, message);
    }
    for (const group of groups) {
      if (ranges.has(group)) continue;
      const message = `group ${group} must be in the ranges: ${printed}`;
      findings.pod('supplementalGroups', 'Invalid', FIELD, groups, message);
    }
  },
};
