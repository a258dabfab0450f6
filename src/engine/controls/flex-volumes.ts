import { volumeField } from '../volumes.js';
import { AllowedNames, allowedByBoth } from '../names.js';
import type { Control } from './control.js';
import { allowsType } from './volume-types.js';

// Kubernetes reports this path without flexVolume in it.
const field = volumeField('.driver');

/** The allowed drivers; never empty. */
type Demand = AllowedNames;

/**
 * Drivers of flexVolumes.
 *
 * Restricted fields: spec.volumes[*].flexVolume.driver
 * Allowed values: those that the policy lists; an absent or empty list allows all. The type itself must be allowed.
 */
export const flexVolumes: Control<never, Demand> = {
  id: 'flex-volumes',
  fields: [
    {
      name: 'allowedFlexVolumes',
      title: 'FlexVolume drivers',
      description: 'The drivers that flexVolume volumes may use; a driver runs as root on the node.',
      help: 'Use a driver that the policy lists, or another kind of volume.',
    },
  ],

  demands({ spec }) {
    const allowed = spec.allowedFlexVolumes ?? [];
    if (allowed.length === 0 || !allowsType(spec.volumes, 'flexVolume')) return null;
    return new AllowedNames(allowed.map(({ driver }) => driver ?? ''));
  },

  common: allowedByBoth,

  concerns: (pod) => pod.volumes.flexVolumes.length > 0,

  validate(allowed, pod, findings) {
    for (const { index, driver } of pod.volumes.flexVolumes) {
      if (allowed.has(driver)) continue;
      const message = 'Flexvolume driver is not allowed to be used';
      findings.volume(index, null, 'allowedFlexVolumes', field(index), driver, message);
    }
  },
};
