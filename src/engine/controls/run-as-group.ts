import { contextPath } from '../containers.js';
import { inRanges } from '../security-context.js';
import type { Control } from './control.js';
import { firstId, type GroupRule, groupRule, unusableGroups } from './id-ranges.js';

/**
 * The primary group that containers run as.
 *
 * Restricted fields: …securityContext.runAsGroup, a container's own before its pod's
 * Allowed values: RunAsAny or an absent strategy: anything. MustRunAs, MayRunAs: a group within the ranges; under
 * MayRunAs also none.
 * Default: MustRunAs gives the container the first id of the first range.
 */
export const runAsGroup: Control<GroupRule> = {
  id: 'run-as-group',
  fields: [
    {
      name: 'runAsGroup',
      title: 'Primary group',
      description: 'The primary group ids that containers may run as.',
      help: 'Set securityContext.runAsGroup to a group within the ranges of the policy.',
    },
  ],

  rule: ({ spec }) => groupRule(spec.runAsGroup),

  unusable: unusableGroups,

  default(rule, pod, report) {
    if (rule.rule !== 'MustRunAs') return;
    for (const container of pod.containers) {
      if (container.runAsGroup !== undefined) continue;
      if (!report.setContext(container, 'runAsGroup', firstId(rule))) return;
    }
  },

  validate(rule, pod, report) {
    for (const container of pod.judged) {
      const group = container.runAsGroup;
      if (group === undefined || inRanges(rule.ranges, group)) continue;
      // Kubernetes reports the context itself, without the field's name.
      const message = `group ${group} must be in the ranges: ${rule.printed}`;
      report.container(container, 'runAsGroup', 'Invalid', contextPath(container), [group], message);
    }
  },
};
