import type { Optional, PodSecurityContext, SecurityContext, SecurityProfile } from './pod.js';

/** The one empty context, so that absent contexts can be read like present ones. */
export const NO_CONTEXT: SecurityContext & PodSecurityContext = Object.freeze({});

/** `null` of JSON and absence are the same; the engine's own name for both is `undefined`. */
export function present<T>(value: T | null | undefined): T | undefined {
  return value ?? undefined;
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
