import type { ContainerView } from '../containers.js';
import { present, type SELinuxLabel, seLinuxLabel } from '../security-context.js';
import type { Control, Report } from './control.js';

interface Rule {
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
    return { label: options === undefined ? undefined : seLinuxLabel(options) };
  },

  unusable: ({ label }) => (label === undefined ? 'MustRunAs requires SELinuxOptions' : null),

  default({ label }, pod, report) {
    if (label === undefined || pod.seLinux !== undefined) return;
    report.setPodContext('seLinuxOptions', written(label));
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
  if (label === undefined) return; // filled in with what is demanded
  for (const member of MEMBERS) {
    const equal =
      member === 'level'
        ? label.comparableLevel === demanded.comparableLevel
        : label[member] === demanded[member];
    if (equal) continue;
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
      const field = `${container.contextPath}.seLinuxOptions.${member}`;
      report.container(container, 'seLinux', 'Invalid', field, label[member], message);
    }
  }
}

/** As JSON has it: Kubernetes leaves empty members out. */
function written(label: SELinuxLabel): Record<string, string> {
  return Object.fromEntries(
    MEMBERS.map((member) => [member, label[member]]).filter(([, value]) => value !== ''),
  );
}
