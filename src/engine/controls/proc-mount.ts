import { containerField } from '../containers.js';
import { AllowedNames, allowedByBoth } from '../names.js';
import type { Control } from './control.js';

const field = containerField('securityContext.procMount');

/** The allowed types; never empty. */
type Demand = AllowedNames;

const ONLY_DEFAULT: Demand = new AllowedNames(['Default']);

/**
 * How much of /proc containers see.
 *
 * Restricted fields: …securityContext.procMount
 * Allowed values: those of the policy; with an absent or empty list `Default` only. Absent counts as `Default`, so a
 * list without it refuses containers that say nothing. Without the gate ProcMountType the API drops the list.
 */
export const procMount: Control<never, Demand> = {
  id: 'proc-mount',
  fields: [
    {
      name: 'allowedProcMountTypes',
      title: 'Proc mount types',
      description: 'Whether containers may see the parts of /proc that the runtime masks.',
      help: 'Remove securityContext.procMount, or use a type that the policy lists.',
    },
  ],

  demands({ spec }, gates) {
    const allowed = gates.procMountType ? (spec.allowedProcMountTypes ?? []) : [];
    return allowed.length === 0 ? ONLY_DEFAULT : new AllowedNames(allowed);
  },

  common: allowedByBoth,

  validate(allowed, pod, findings) {
    for (const container of pod.judged) {
      const type = container.procMount;
      if (allowed.has(type)) continue;
      const message = 'ProcMountType is not allowed';
      findings.container(container, 'allowedProcMountTypes', 'Invalid', field, type, message);
    }
  },
};
