import { volumePath } from '../volumes.js';
import type { Control } from './control.js';
import { allowsType } from './volume-types.js';

/** The allowed drivers; never empty. */
type Rule = readonly string[];

/**
 * Drivers of inline CSI volumes.
 *
 * Restricted fields: spec.volumes[*].csi.driver
 * Allowed values: those that the policy lists; an absent or empty list allows all. The type itself must be allowed.
 */
export const csiDrivers: Control<Rule> = {
  id: 'csi-drivers',
  fields: [
    {
      name: 'allowedCSIDrivers',
      title: 'Inline CSI drivers',
      description: 'The CSI drivers that inline csi volumes may use.',
      help: 'Use a driver that the policy lists, or a PersistentVolumeClaim.',
    },
  ],

  rule({ spec }) {
    const allowed = spec.allowedCSIDrivers ?? [];
    if (allowed.length === 0 || !allowsType(spec.volumes, 'csi')) return null;
    return allowed.map(({ name }) => name ?? '');
  },

  applies: (pod) => pod.volumes.length > 0,

  validate(allowed, pod, report) {
    for (const volume of pod.volumes) {
      const driver = volume.csiDriver;
      if (driver === undefined || allowed.includes(driver)) continue;
      const field = `${volumePath(volume)}.csi.driver`;
      report.volume(
        volume,
        null,
        'allowedCSIDrivers',
        field,
        driver,
        'Inline CSI driver is not allowed to be used',
      );
    }
  },
};
