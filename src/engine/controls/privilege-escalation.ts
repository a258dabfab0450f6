import { contextPath } from '../containers.js';
import { present } from '../security-context.js';
import type { Control } from './control.js';

interface Rule {
  readonly allowed: boolean;
  /** What a container gets that says nothing; absent: it stays open. */
  readonly default: boolean | undefined;
}

/**
 * Privilege escalation: whether a process may gain more privileges than its parent (setuid binaries).
 *
 * Restricted fields: …securityContext.allowPrivilegeEscalation
 * Allowed values: anything where the policy allows escalation (its default), else false.
 * Default: the policy's defaultAllowPrivilegeEscalation, else false where escalation isn't allowed.
 */
export const privilegeEscalation: Control<Rule> = {
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

  rule({ spec }) {
    const allowed = spec.allowPrivilegeEscalation ?? true;
    const byDefault = present(spec.defaultAllowPrivilegeEscalation) ?? (allowed ? undefined : false);
    return allowed && byDefault === undefined ? null : { allowed, default: byDefault };
  },

  default(rule, pod, report) {
    if (rule.default === undefined) return;
    for (const container of pod.containers) {
      if (container.allowPrivilegeEscalation !== undefined) continue;
      if (!report.setContext(container, 'allowPrivilegeEscalation', rule.default)) return;
    }
  },

  validate(rule, pod, report) {
    if (rule.allowed) return;
    for (const container of pod.judged) {
      if ((container.allowPrivilegeEscalation ?? rule.default) === true) {
        const field = `${contextPath(container)}.allowPrivilegeEscalation`;
        const message = 'Allowing privilege escalation for containers is not allowed';
        report.container(container, 'allowPrivilegeEscalation', 'Invalid', field, true, message);
      }
    }
  },
};
