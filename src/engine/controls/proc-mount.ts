import { contextPath } from '../containers.js';
import type { Control } from './control.js';

/** The allowed types; never empty. */
type Rule = readonly string[];

const ONLY_DEFAULT: Rule = Object.freeze(['Default']);

/**
 * How much of /proc containers see.
 *
 * Restricted fields: …securityContext.procMount
 * Allowed values: those of the policy; with an absent or empty list `Default` only. Absent counts as `Default`, so a
 * list without it refuses containers that say nothing. Without the gate ProcMountType the API drops the list.
 */
export const procMount: Control<Rule> = {
  id: 'proc-mount',
  fields: [
    {
      name: 'allowedProcMountTypes',
      title: 'Proc mount types',
      description: 'Whether containers may see the parts of /proc that the runtime masks.',
      help: 'Remove securityContext.procMount, or use a type that the policy lists.',
    },
  ],

  rule({ spec }, gates) {
    const allowed = gates.procMountType ? (spec.allowedProcMountTypes ?? []) : [];
    return allowed.length === 0 ? ONLY_DEFAULT : allowed;
  },

  validate(allowed, pod, report) {
    for (const container of pod.judged) {
      const type = container.procMount ?? 'Default';
      if (allowed.includes(type)) continue;
      const field = `${contextPath(container)}.procMount`;
      report.container(
        container,
        'allowedProcMountTypes',
        'Invalid',
        field,
        type,
        'ProcMountType is not allowed',
      );
    }
  },
};
