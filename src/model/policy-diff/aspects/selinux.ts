import type { PolicySource } from '../../../engine/index.js';
import { type Aspect, SILENT, specField } from '../aspect.js';
import { nameBeside } from './names.js';

/** Labels: a policy demands one label (its categories in any order) or none. */
export const seLinux: Aspect = {
  fields: [specField('seLinux', 'seLinux')],
  points(before, after) {
    const labels = [after, before].map(labelOf);
    const other = { type: nameBeside('other_t', new Set(labels.map(({ type }) => type ?? ''))) };
    return [SILENT, ...[...labels, other].map((seLinuxOptions) => ({ podContext: { seLinuxOptions } }))];
  },
};

function labelOf({ spec }: PolicySource) {
  return spec.seLinux?.seLinuxOptions ?? {};
}
