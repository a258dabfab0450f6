import { containerField } from '../containers.js';
import type { Control } from './control.js';

const field = containerField('securityContext.allowPrivilegeEscalation');

/**
 * Privilege escalation: whether a process may gain more privileges than its parent (setuid binaries).
 *
 * Restricted fields: …securityContext.allowPrivilegeEscalation
 * Allowed values: anything where the policy allows escalation (its default), else false.
 * Default: the policy's defaultAllowPrivilegeEscalation, else false where escalation isn't allowed.
 */
export const privilegeEscalation: Control<boolean, true> = {
  id: 'privilege-escalation',
  fields: [
    {
      name: 'allowPrivilegeEscalation',
      title: 'Privilege escalation',
      description:
        'Whether a process may gain more privileges than its parent, for instance through a setuid binary.',
      help: 'Set securityContext.allowPrivilegeEscalation to false in each container.',
    },
  ],

  fills({ spec }) {
    return spec.defaultAllowPrivilegeEscalation ?? (spec.allowPrivilegeEscalation === false ? false : null);
  },

  defaultContainer(allowed, { allowPrivilegeEscalation }, changes) {
    if (allowPrivilegeEscalation === undefined) changes.setContext('allowPrivilegeEscalation', allowed);
  },

  demands: ({ spec }) => (spec.allowPrivilegeEscalation === false ? true : null),

  concerns: (pod) => pod.asked.escalation,

  validate(_demand, pod, findings) {
    for (const container of pod.judged) {
      // Where escalation isn't allowed a policy can't have it as its default either.
      if (container.allowPrivilegeEscalation !== true) continue;
      const message = 'Allowing privilege escalation for containers is not allowed';
      findings.container(container, 'allowPrivilegeEscalation', 'Invalid', field, true, message);
    }
  },
};
