import { containerField } from '../containers.js';
import type { Int64 } from '../json.js';
import type { Control } from './control.js';
import { commonRanges, firstId, groupRanges, type IdRanges } from './id-ranges.js';

// Kubernetes reports the context itself, without the field's name.
const field = containerField('securityContext');

/**
 * The primary group that containers run as.
 *
 * Restricted fields: …securityContext.runAsGroup, a container's own before its pod's
 * Allowed values: RunAsAny or an absent strategy: anything. MustRunAs, MayRunAs: a group within the ranges; under
 * MayRunAs also none.
 * Default: MustRunAs gives the container the first id of the first range.
 */
export const runAsGroup: Control<Int64, IdRanges> = {
  id: 'run-as-group',
  fields: [
    {
      name: 'runAsGroup',
      title: 'Primary group',
      description: 'The primary group ids that containers may run as.',
      help: 'Set securityContext.runAsGroup to a group within the ranges of the policy.',
    },
  ],

  fills: ({ spec }) => firstId(spec.runAsGroup),

  defaultContainer(group, container, changes) {
    if (container.runAsGroup === undefined) changes.setContext('runAsGroup', group);
  },

  demands: ({ spec }) => groupRanges(spec.runAsGroup),

  common: commonRanges,

  validate({ ranges, printed }, pod, findings) {
    for (const container of pod.judged) {
      const group = container.runAsGroup;
      if (group === undefined || ranges.has(group)) continue;
      const message = `group ${group} must be in the ranges: ${printed}`;
      findings.container(container, 'runAsGroup', 'Invalid', field, [group], message);
    }
  },
};
