import { containerField, type ContainerView } from '../containers.js';
import type { Findings } from '../findings.js';
import type { SELinuxOptions } from '../pod.js';
import { present } from '../security-context.js';
import type { Control } from './control.js';

/** The options as a pod gets them: Kubernetes leaves empty members out. */
type Fill = Readonly<Record<string, string>>;

/** What the pod and every container must run with; nothing is absent. */
interface Demand {
  readonly level: string;
  readonly role: string;
  readonly type: string;
  readonly user: string;
  /** Follows from `level`. */
  readonly sortedLevel: string;
}

/** In the order in which Kubernetes reports them. */
const MEMBERS = ['level', 'role', 'type', 'user'] as const;
const optionsField = containerField('securityContext.seLinuxOptions');

/**
 * The SELinux context of a pod and its containers.
 *
 * Restricted fields: spec.securityContext.seLinuxOptions, …containers[*].securityContext.seLinuxOptions
 * Allowed values: RunAsAny: anything. MustRunAs: all four members as in the policy, those it leaves empty included;
 * categories of a level in any order. A container's options replace its pod's as a whole.
 * Default: MustRunAs gives the pod the policy's options.
 */
export const seLinux: Control<Fill, Demand> = {
  id: 'selinux',
  fields: [
    {
      name: 'seLinux',
      title: 'SELinux context',
      description: 'The SELinux user, role, type and level that pods and containers must run with.',
      help: 'Remove seLinuxOptions, so that the policy fills them in, or set them as the policy has them.',
    },
  ],

  unusable({ spec: { seLinux: strategy } }) {
    const broken = strategy?.rule === 'MustRunAs' && present(strategy.seLinuxOptions) === undefined;
    return broken ? 'MustRunAs requires SELinuxOptions' : null;
  },

  fills({ spec: { seLinux: strategy } }) {
    if (strategy?.rule !== 'MustRunAs') return null;
    const options = strategy.seLinuxOptions ?? {};
    return Object.fromEntries(
      MEMBERS.map((member) => [member, options[member] ?? '']).filter(([, value]) => value !== ''),
    );
  },

  default(options, pod, changes) {
    if (pod.seLinux === undefined) changes.setPodContext('seLinuxOptions', options);
  },

  demands({ spec: { seLinux: strategy } }) {
    if (strategy?.rule !== 'MustRunAs') return null;
    const { level, role, type, user } = strategy.seLinuxOptions ?? {};
    return {
      level: level ?? '',
      role: role ?? '',
      type: type ?? '',
      user: user ?? '',
      sortedLevel: sortedLevel(level ?? ''),
    };
  },

  validate(demanded, pod, findings) {
    const podDiffers = differs(pod.seLinux, demanded);
    if (podDiffers) report(demanded, pod.seLinux, null, findings);
    for (const container of pod.judged) {
      const options = container.seLinux;
      // What a container inherits is reported again for it.
      const containerDiffers = options === pod.seLinux ? podDiffers : differs(options, demanded);
      if (containerDiffers) report(demanded, options, container, findings);
    }
  },
};

/** Whether options are other than demanded. Absent ones are filled in with what is demanded. */
function differs(options: SELinuxOptions | undefined, demanded: Demand): boolean {
  return (
    options !== undefined &&
    !(
      hasLevel(options, demanded) &&
      (options.role ?? '') === demanded.role &&
      (options.type ?? '') === demanded.type &&
      (options.user ?? '') === demanded.user
    )
  );
}

function hasLevel(options: SELinuxOptions, demanded: Demand): boolean {
  const level = options.level ?? '';
  if (level === demanded.level) return true;
  return level.length === demanded.level.length && sortedLevel(level) === demanded.sortedLevel;
}

/**
 * Levels are equal with the same sensitivity and the same list of categories in any order; ranges aren't resolved.
 * This is the level with its categories in order.
 */
function sortedLevel(level: string): string {
  const colon = level.indexOf(':');
  const comma = colon < 0 ? -1 : level.indexOf(',', colon);
  if (comma < 0) return level;
  if (level.indexOf(',', comma + 1) < 0) {
    // Nearly every level that is given to a pod has two categories.
    const first = level.slice(colon + 1, comma);
    const second = level.slice(comma + 1);
    return first <= second ? level : `${level.slice(0, colon + 1)}${second},${first}`;
  }
  const categories = level
    .slice(colon + 1)
    .split(',')
    .sort();
  return `${level.slice(0, colon)}:${categories.join(',')}`;
}

function report(
  demanded: Demand,
  options: SELinuxOptions | undefined,
  container: ContainerView | null,
  findings: Findings,
): void {
  for (const member of MEMBERS) {
    const value = options?.[member] ?? '';
    if (value === demanded[member] || (member === 'level' && sortedLevel(value) === demanded.sortedLevel)) {
      continue;
    }
    const message = `must be ${demanded[member]}`;
    if (container === null) {
      const field = `spec.securityContext.seLinuxOptions.${member}`;
      findings.pod('seLinux', 'Invalid', field, value, message);
    } else {
      const field = `${optionsField(container)}.${member}`;
      findings.container(container, 'seLinux', 'Invalid', field, value, message);
    }
  }
}
