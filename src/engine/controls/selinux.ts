import type { ContainerView } from '../containers.js';
import type { Optional, SELinuxOptions } from '../pod.js';
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
    if (label === undefined || present(pod.context.seLinuxOptions) !== undefined) return;
    report.setPodContext('seLinuxOptions', withoutEmpty(label));
  },

  validate({ label }, pod, report) {
    if (label === undefined) return;
    compare(label, pod.context.seLinuxOptions, null, report);
    for (const container of pod.judged) {
      // What a container inherits is reported again for it.
      const options = container.context.seLinuxOptions ?? pod.context.seLinuxOptions;
      compare(label, options, container, report);
    }
  },
};

function compare(
  demanded: SELinuxLabel,
  options: Optional<SELinuxOptions>,
  container: ContainerView | null,
  report: Report,
): void {
  if (options === undefined || options === null) return; // filled in with what is demanded
  for (const member of MEMBERS) {
    const value = options[member] ?? '';
    const expected = demanded[member];
    if (value === expected || (member === 'level' && sameLevel(value, expected))) continue;
    const message = `must be ${expected}`;
    if (container === null) {
      report.pod('seLinux', 'Invalid', `spec.securityContext.seLinuxOptions.${member}`, value, message);
    } else {
      const field = `${container.contextPath}.seLinuxOptions.${member}`;
      report.container(container, 'seLinux', 'Invalid', field, value, message);
    }
  }
}

/** Levels are equal with the same sensitivity and the same list of categories in any order; ranges aren't resolved. */
function sameLevel(a: string, b: string): boolean {
  const [colonA, colonB] = [a.indexOf(':'), b.indexOf(':')];
  if (colonA < 0 || colonB < 0 || a.slice(0, colonA) !== b.slice(0, colonB)) return false;
  return categories(a.slice(colonA + 1)) === categories(b.slice(colonB + 1));
}

function categories(list: string): string {
  return list.split(',').sort().join(',');
}

/** As JSON has it: Kubernetes leaves empty members out. */
function withoutEmpty(label: SELinuxLabel): Record<string, string> {
  return Object.fromEntries(Object.entries(label).filter(([, value]) => value !== ''));
}
