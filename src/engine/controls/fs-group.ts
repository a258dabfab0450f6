import { inRanges, present } from '../security-context.js';
import type { Control } from './control.js';
import { firstId, type GroupRule, groupRule, unusableGroups } from './id-ranges.js';

/**
 * The group that owns a pod's volumes.
 *
 * Restricted fields: spec.securityContext.fsGroup
 * Allowed values: RunAsAny: anything. MustRunAs, MayRunAs: a group within the ranges; under MayRunAs also none.
 * Default: MustRunAs gives the first id of the first range.
 */
export const fsGroup: Control<GroupRule> = {
  id: 'fs-group',
  fields: [
    {
      name: 'fsGroup',
      title: 'Filesystem group',
      description: 'The group ids that may own the volumes of a pod.',
      help: 'Set spec.securityContext.fsGroup to a group within the ranges of the policy.',
    },
  ],

  rule: ({ spec }) => groupRule(spec.fsGroup),

  unusable: unusableGroups,

  default(rule, pod, report) {
    if (rule.rule === 'MustRunAs' && present(pod.context.fsGroup) === undefined) {
      report.setPodContext('fsGroup', firstId(rule));
    }
  },

  validate(rule, pod, report) {
    const group = present(pod.context.fsGroup);
    if (group === undefined || inRanges(rule.ranges, group)) return;
    const message = `group ${group} must be in the ranges: ${rule.printed}`;
    report.pod('fsGroup', 'Invalid', 'spec.securityContext.fsGroup', [group], message);
  },
};
