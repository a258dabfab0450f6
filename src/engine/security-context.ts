import type { Int64 } from './json.js';
import type {
  Optional,
  PodSecurityContext,
  SecurityContext,
  SecurityProfile,
  SELinuxOptions,
} from './pod.js';

/** The one empty context, so that absent contexts can be read like present ones. */
export const NO_CONTEXT: SecurityContext & PodSecurityContext = Object.freeze({});

/** SELinux options with nothing absent. */
export interface SELinuxLabel {
  readonly level: string;
  readonly role: string;
  readonly type: string;
  readonly user: string;
  /** The level with its categories sorted: levels are equal where these are. */
  readonly comparableLevel: string;
}

/** Kubernetes reads an absent member of seLinuxOptions as the empty string. */
export function seLinuxLabel(options: SELinuxOptions): SELinuxLabel {
  const level = options.level ?? '';
  return {
    level,
    role: options.role ?? '',
    type: options.type ?? '',
    user: options.user ?? '',
    comparableLevel: comparableLevel(level),
  };
}

/** Levels are equal with the same sensitivity and the same list of categories in any order; ranges aren't resolved. */
function comparableLevel(level: string): string {
  const colon = level.indexOf(':');
  if (colon < 0 || !level.includes(',', colon)) return level;
  const categories = level.slice(colon + 1).split(',');
  const [first, second] = categories;
  // Nearly every level that is given to a pod has two categories: no need to sort and join those.
  if (categories.length === 2 && first !== undefined && second !== undefined) {
    return first <= second ? level : `${level.slice(0, colon)}:${second},${first}`;
  }
  return `${level.slice(0, colon)}:${categories.sort().join(',')}`;
}

/** `null` of JSON and absence are the same; the engine's own name for both is `undefined`. */
export function present<T>(value: T | null | undefined): T | undefined {
  return value ?? undefined;
}

/** Whether an id lies in one of the ranges, both ends included. Exact for every int64. */
export function inRanges(
  ranges: readonly { readonly min: Int64; readonly max: Int64 }[],
  id: Int64,
): boolean {
  for (const { min, max } of ranges) {
    if (id >= min && id <= max) return true;
  }
  return false;
}

/**
 * The annotation's form of a seccomp or AppArmor profile field: `unconfined`, `runtime/default`, `localhost/PATH`.
 * An unknown type, or `Localhost` without a path, is the empty string; an absent field is absent.
 */
export function profileAnnotation(profile: Optional<SecurityProfile>): string | undefined {
  if (profile === undefined || profile === null) return undefined;
  switch (profile.type) {
    case 'Unconfined':
      return 'unconfined';
    case 'RuntimeDefault':
      return 'runtime/default';
    case 'Localhost': {
      const path = present(profile.localhostProfile);
      return path === undefined ? '' : `localhost/${path}`;
    }
    default:
      return '';
  }
}
