import {
  APPARMOR_ALLOWED_KEY,
  APPARMOR_DEFAULT_KEY,
  type PolicySource,
  SECCOMP_ALLOWED_KEY,
  SECCOMP_DEFAULT_KEY,
} from '../../../engine/index.js';
import { annotationField, type Aspect, type PodPart, SILENT } from '../aspect.js';
import { CONTAINER } from '../sample-pod.js';
import { nameBeside, tellingNames } from './names.js';

/** Seccomp profiles of the pod, which its containers inherit: none, each that a policy names, one that none names. */
export const seccomp: Aspect = profileAspect(
  'seccomp',
  SECCOMP_ALLOWED_KEY,
  SECCOMP_DEFAULT_KEY,
  'seccomp.security.alpha.kubernetes.io/pod',
);

/** AppArmor profiles of a container. */
export const appArmor: Aspect = profileAspect(
  'appArmor',
  APPARMOR_ALLOWED_KEY,
  APPARMOR_DEFAULT_KEY,
  `container.apparmor.security.beta.kubernetes.io/${CONTAINER}`,
);

/**
 * Whether a profile is allowed is a matter of the list alone; the default decides about pods that name none. Profiles
 * without a meaning (an empty container annotation, a field of an unknown type) aren't counted as pods' words.
 */
function profileAspect(
  control: 'seccomp' | 'appArmor',
  allowedKey: string,
  defaultKey: string,
  podKey: string,
): Aspect {
  const profilesOf = ({ annotations }: PolicySource) =>
    (annotations?.[allowedKey] ?? '')
      .split(',')
      .filter((name) => name !== '' && name !== '*')
      // Where one of the two is listed, the other is allowed as well.
      .map((name) => (name === 'docker/default' ? 'runtime/default' : name));
  return {
    fields: [annotationField(allowedKey, control), annotationField(defaultKey, control)],
    points(before, after) {
      const left = profilesOf(before);
      const right = profilesOf(after);
      const defaults = [before, after].map(({ annotations }) => annotations?.[defaultKey] ?? '');
      const named = [...tellingNames(left, right), ...defaults, 'runtime/default', 'unconfined'];
      const fresh = nameBeside('localhost/other', new Set([...left, ...right, ...defaults]));
      const profiles = new Set([...named, fresh].filter((name) => name !== ''));
      return [SILENT, ...[...profiles].map((name): PodPart => ({ annotations: { [podKey]: name } }))];
    },
  };
}
