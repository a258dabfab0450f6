import type { Int64 } from '../json.js';
import type { Control } from './control.js';
import { commonRanges, firstId, groupRanges, type IdRanges, unusableGroups } from './id-ranges.js';

/**
 * The group that owns a pod's volumes.
 *
 * Restricted fields: spec.securityContext.fsGroup
 * Allowed values: RunAsAny: anything. MustRunAs, MayRunAs: a group within the ranges; under MayRunAs also none.
 * Default: MustRunAs gives the first id of the first range.
 */
export const fsGroup: Control<Int64, IdRanges> = {
  id: 'fs-group',
  fields: [
    {
      name: 'fsGroup',
      title: 'Filesystem group',
      description: 'The group ids that may own the volumes of a pod.',
      help: 'Set spec.securityContext.fsGroup to a group within the ranges of the policy.',
    },
  ],

  unusable: ({ spec }) => unusableGroups(spec.fsGroup),

  fills: ({ spec }) => firstId(spec.fsGroup),

  default(group, pod, changes) {
    if (pod.fsGroup === undefined) changes.setPodContext('fsGroup', group);
  },

  demands: ({ spec }) => groupRanges(spec.fsGroup),

  common: commonRanges,

  validate({ ranges, printed }, pod, findings) {
    const group = pod.fsGroup;
    if (group === undefined || ranges.has(group)) return;
    const message = `group ${group} must be in the ranges: ${printed}`;
    findings.pod('fsGroup', 'Invalid', 'spec.securityContext.fsGroup', [group], message);
  },
};
