import { volumePath } from '../volumes.js';
import type { Control } from './control.js';
import { allowsType } from './volume-types.js';

/** The allowed drivers; never empty. */
type Rule = readonly string[];

/**
 * Drivers of flexVolumes.
 *
 * Restricted fields: spec.volumes[*].flexVolume.driver
 * Allowed values: those that the policy lists; an absent or empty list allows all. The type itself must be allowed.
 */
export const flexVolumes: Control<Rule> = {
  id: 'flex-volumes',
  fields: [
    {
      name: 'allowedFlexVolumes',
      title: 'FlexVolume drivers',
      description: 'The drivers that flexVolume volumes may use; a driver runs as root on the node.',
      help: 'Use a driver that the policy lists, or another kind of volume.',
    },
  ],

  rule({ spec }) {
    const allowed = spec.allowedFlexVolumes ?? [];
    if (allowed.length === 0 || !allowsType(spec.volumes, 'flexVolume')) return null;
    return allowed.map(({ driver }) => driver ?? '');
  },

  applies: (pod) => pod.volumes.length > 0,

  validate(allowed, pod, report) {
    for (const volume of pod.volumes) {
      const driver = volume.flexDriver;
      if (driver === undefined || allowed.includes(driver)) continue;
      // Kubernetes reports this path without flexVolume in it.
      const field = `${volumePath(volume)}.driver`;
      report.volume(
        volume,
        null,
        'allowedFlexVolumes',
        field,
        driver,
        'Flexvolume driver is not allowed to be used',
      );
    }
  },
};
