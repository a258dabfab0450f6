import { type ContainerView, contextPath } from '../containers.js';
import { present, type SELinuxLabel, seLinuxLabel } from '../security-context.js';
import type { Control, Report } from './control.js';

interface Rule {
  /** The policy's options as a pod gets them: Kubernetes leaves empty members out. */
  readonly options: Readonly<Record<string, string>>;
  /** What every container must run with; absent: the policy forgot it and can't be used. */
  readonly label: SELinuxLabel | undefined;
}

/** In the order in which Kubernetes reports them. */
const MEMBERS = ['level', 'role', 'type', 'user'] as const;

/**
 * The SELinux context of a pod and its containers.
 *
 * Restricted fields: spec.securityContext.seLinuxOptions, …containers[*].securityContext.seLinuxOptions
 * Allowed values: RunAsAny: anything. MustRunAs: all four members as in the policy, those it leaves empty included;
 * categories of a level in any order. A container's options replace its pod's as a whole.
 * Default: MustRunAs gives the pod the policy's options.
 */
export const seLinux: Control<Rule> = {
  id: 'selinux',
  fields: [
    {
      name: 'seLinux',
      title: 'SELinux context',
      description: 'The SELinux user, role, type and level that pods and containers must run with.',
      help: 'Remove seLinuxOptions, so that the policy fills them in, or set them as the policy has them.',
    },
  ],

  rule({ spec }) {
    if (spec.seLinux?.rule !== 'MustRunAs') return null;
    const options = present(spec.seLinux.seLinuxOptions);
    if (options === undefined) return { options: {}, label: undefined };
    const label = seLinuxLabel(options);
    const given = MEMBERS.map((member) => [member, label[member]]).filter(([, value]) => value !== '');
    return { options: Object.fromEntries(given), label };
  },

  unusable: ({ label }) => (label === undefined ? 'MustRunAs requires SELinuxOptions' : null),

  default({ options, label }, pod, report) {
    if (label !== undefined && pod.seLinux === undefined) report.setPodContext('seLinuxOptions', options);
  },

  validate({ label }, pod, report) {
    if (label === undefined) return;
    compare(label, pod.seLinux, null, report);
    // What a container inherits is reported again for it.
    for (const container of pod.judged) compare(label, container.seLinux, container, report);
  },
};

function compare(
  demanded: SELinuxLabel,
  label: SELinuxLabel | undefined,
  container: ContainerView | null,
  report: Report,
): void {
  // An absent one is filled in with what is demanded.
  if (label === undefined || isSame(label, demanded)) return;
  for (const member of MEMBERS) {
    const compared = member === 'level' ? 'comparableLevel' : member;
    if (label[compared] === demanded[compared]) continue;
    const message = `must be ${demanded[member]}`;
    if (container === null) {
      report.pod(
        'seLinux',
        'Invalid',
        `spec.securityContext.seLinuxOptions.${member}`,
        label[member],
        message,
      );
    } else {
      const field = `${contextPath(container)}.seLinuxOptions.${member}`;
      report.container(container, 'seLinux', 'Invalid', field, label[member], message);
    }
  }
}

function isSame(a: SELinuxLabel, b: SELinuxLabel): boolean {
  return (
    a.comparableLevel === b.comparableLevel && a.role === b.role && a.type === b.type && a.user === b.user
  );
}
