import { type ContainerView, contextPath } from '../containers.js';
import { inRanges } from '../security-context.js';
import type { Control, Report } from './control.js';
import { firstId, type IdRanges, idRanges } from './id-ranges.js';

type Rule = ({ readonly rule: 'MustRunAs' } & IdRanges) | { readonly rule: 'MustRunAsNonRoot' };

/**
 * The user that containers run as.
 *
 * Restricted fields: …securityContext.runAsUser and runAsNonRoot, a container's own before its pod's
 * Allowed values: RunAsAny: anything. MustRunAs: a user within the ranges. MustRunAsNonRoot: any user but 0, and
 * runAsNonRoot not false, even beside another user.
 * Default: MustRunAs gives the container the first id of the first range; MustRunAsNonRoot sets runAsNonRoot where
 * neither that nor a user is named.
 */
export const runAsUser: Control<Rule> = {
  id: 'run-as-user',
  fields: [
    {
      name: 'runAsUser',
      title: 'User',
      description: 'The user ids that containers may run as, or that they may not run as root.',
      help: 'Set securityContext.runAsUser to a user that the policy allows and remove runAsNonRoot: false.',
    },
  ],

  rule({ spec }) {
    const strategy = spec.runAsUser;
    if (strategy?.rule === 'MustRunAs') return { rule: 'MustRunAs', ...idRanges(strategy) };
    return strategy?.rule === 'MustRunAsNonRoot' ? { rule: 'MustRunAsNonRoot' } : null;
  },

  unusable: (rule) =>
    rule.rule === 'MustRunAs' && rule.ranges.length === 0 ? 'MustRunAs requires at least one range' : null,

  default(rule, pod, report) {
    for (const container of pod.containers) {
      if (container.runAsUser !== undefined) continue;
      if (rule.rule === 'MustRunAs') {
        if (!report.setContext(container, 'runAsUser', firstId(rule))) return;
      } else if (container.runAsNonRoot === undefined) {
        if (!report.setContext(container, 'runAsNonRoot', true)) return;
      }
    }
  },

  validate(rule, pod, report) {
    for (const container of pod.judged) {
      if (rule.rule === 'MustRunAsNonRoot') validateNonRoot(container, report);
      else if (container.runAsUser !== undefined && !inRanges(rule.ranges, container.runAsUser)) {
        const message = `must be in the ranges: ${rule.printed}`;
        const field = `${contextPath(container)}.runAsUser`;
        report.container(container, 'runAsUser', 'Invalid', field, container.runAsUser, message);
      }
    }
  },
};

function validateNonRoot(container: ContainerView, report: Report): void {
  if (container.runAsNonRoot === false) {
    const field = `${contextPath(container)}.runAsNonRoot`;
    report.container(container, 'runAsUser', 'Invalid', field, false, 'must be true');
  } else if (container.runAsUser === 0) {
    const field = `${contextPath(container)}.runAsUser`;
    report.container(container, 'runAsUser', 'Invalid', field, 0, 'running with the root UID is forbidden');
  }
}
