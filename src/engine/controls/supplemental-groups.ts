import { inRanges, present } from '../security-context.js';
import type { Control } from './control.js';
import { firstId, type GroupRule, groupRule, unusableGroups } from './id-ranges.js';

const FIELD = 'spec.securityContext.supplementalGroups';

/**
 * Groups that a pod's processes have beside the primary one.
 *
 * Restricted fields: spec.securityContext.supplementalGroups
 * Allowed values: RunAsAny: anything. MustRunAs, MayRunAs: groups within the ranges. An empty list is not an absent
 * one: MustRunAs fills in nothing and refuses it.
 * Default: MustRunAs gives the first id of the first range where the list is absent.
 */
export const supplementalGroups: Control<GroupRule> = {
  id: 'supplemental-groups',
  fields: [
    {
      name: 'supplementalGroups',
      title: 'Supplemental groups',
      description: 'The group ids that a pod may have beside the primary group.',
      help: 'List only groups within the ranges of the policy in spec.securityContext.supplementalGroups.',
    },
  ],

  rule: ({ spec }) => groupRule(spec.supplementalGroups),

  unusable: unusableGroups,

  default(rule, pod, report) {
    if (rule.rule !== 'MustRunAs') return;
    if (present(pod.context.supplementalGroups) === undefined) {
      report.setPodContext('supplementalGroups', [firstId(rule)]);
    }
  },

  validate(rule, pod, report) {
    const groups = present(pod.context.supplementalGroups);
    if (groups === undefined) return;
    if (groups.length === 0 && rule.rule === 'MustRunAs') {
      const message = 'unable to validate empty groups against required ranges';
      report.pod('supplementalGroups', 'Invalid', FIELD, groups, message);
    }
    for (const group of groups) {
      if (inRanges(rule.ranges, group)) continue;
      const message = `group ${group} must be in the ranges: ${rule.printed}`;
      report.pod('supplementalGroups', 'Invalid', FIELD, groups, message);
    }
  },
};
