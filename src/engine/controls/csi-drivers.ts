import { volumeField } from '../volumes.js';
import { AllowedNames, allowedByBoth } from '../names.js';
import type { Control } from './control.js';
import { allowsType } from './volume-types.js';

const field = volumeField('.csi.driver');

/** The allowed drivers; never empty. */
type Demand = AllowedNames;

/**
 * Drivers of inline CSI volumes.
 *
 * Restricted fields: spec.volumes[*].csi.driver
 * Allowed values: those that the policy lists; an absent or empty list allows all. The type itself must be allowed.
 */
export const csiDrivers: Control<never, Demand> = {
  id: 'csi-drivers',
  fields: [
    {
      name: 'allowedCSIDrivers',
      title: 'Inline CSI drivers',
      description: 'The CSI drivers that inline csi volumes may use.',
      help: 'Use a driver that the policy lists, or a PersistentVolumeClaim.',
    },
  ],

  demands({ spec }) {
    const allowed = spec.allowedCSIDrivers ?? [];
    if (allowed.length === 0 || !allowsType(spec.volumes, 'csi')) return null;
    return new AllowedNames(allowed.map(({ name }) => name ?? ''));
  },

  common: allowedByBoth,

  concerns: (pod) => pod.volumes.csiVolumes.length > 0,

  validate(allowed, pod, findings) {
    for (const { index, driver } of pod.volumes.csiVolumes) {
      if (allowed.has(driver)) continue;
      const message = 'Inline CSI driver is not allowed to be used';
      findings.volume(index, null, 'allowedCSIDrivers', field(index), driver, message);
    }
  },
};
