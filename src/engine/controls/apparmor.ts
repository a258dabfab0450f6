import { APPARMOR_PREFIX, type ContainerView } from '../containers.js';
import { quote } from '../go-format.js';
import { AllowedNames, allowedByBoth } from '../names.js';
import { present } from '../security-context.js';
import type { Findings } from '../findings.js';
import type { Control } from './control.js';

/** The policy's annotation with the profiles that it allows, parted by commas. */
export const APPARMOR_ALLOWED_KEY = 'apparmor.security.beta.kubernetes.io/allowedProfileNames';
/** The policy's annotation with the profile that it fills in. */
export const APPARMOR_DEFAULT_KEY = 'apparmor.security.beta.kubernetes.io/defaultProfileName';

interface Demand {
  /** What containers get that name no profile; empty: nothing. */
  readonly default: string;
  /** The list as the message prints it. */
  readonly printed: string;
  readonly allowed: AllowedNames;
}

/**
 * AppArmor profiles, from the policy's annotations.
 *
 * Restricted fields: the pod's annotation for each container; since 1.30 also appArmorProfile of the container and,
 * where neither stands, of the pod. A field and an annotation that differ must both be allowed: which of them counts
 * depends on the cluster's release.
 * Allowed values: without a list anything, with one only what it lists: no `*`, and a profile must be set.
 * Default: the annotation of each container that names no profile.
 */
export const appArmor: Control<string, Demand> = {
  id: 'apparmor',
  fields: [
    {
      name: 'appArmor',
      title: 'AppArmor profile',
      description: 'The AppArmor profiles that containers may run under.',
      help: 'Set the container’s AppArmor profile to one that the policy lists, usually runtime/default (appArmorProfile type: RuntimeDefault).',
    },
  ],

  fills: ({ annotations }) => annotations?.[APPARMOR_DEFAULT_KEY] || null,

  default(profile, pod, changes) {
    for (const container of pod.containers) {
      if (container.appArmorAnnotation === '' && container.appArmorField === undefined) {
        changes.annotate(APPARMOR_PREFIX + container.name, profile);
      }
    }
  },

  demands({ annotations }) {
    const list = present(annotations?.[APPARMOR_ALLOWED_KEY]);
    if (list === undefined) return null;
    const allowed = new AllowedNames(list.split(','));
    return { default: annotations?.[APPARMOR_DEFAULT_KEY] ?? '', printed: quote(list), allowed };
  },

  common(one, other) {
    const allowed = one.default === other.default ? allowedByBoth(one.allowed, other.allowed) : null;
    return allowed === null ? null : { ...one, allowed };
  },

  validate(demand, pod, findings) {
    for (const container of pod.judged) {
      const { appArmorAnnotation: annotation, appArmorField: field } = container;
      judge(demand, container, annotation || (field ?? demand.default), findings);
      if (annotation !== '' && field !== undefined && field !== annotation)
        judge(demand, container, field, findings);
    }
  },
};

function judge(
  { allowed, printed }: Demand,
  container: ContainerView,
  profile: string,
  findings: Findings,
): void {
  if (profile !== '' && allowed.has(profile)) return;
  const message =
    profile === ''
      ? 'AppArmor profile must be set'
      : `${profile} is not an allowed profile. Allowed values: ${printed}`;
  findings.container(container, 'appArmor', 'Forbidden', annotationField, '', message);
}

function annotationField({ name }: ContainerView): string {
  return `pod.metadata.annotations[${APPARMOR_PREFIX}${name}]`;
}
