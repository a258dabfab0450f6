import type { ContainerView, PodView } from '../containers.js';
import { quote } from '../go-format.js';
import { present, profileAnnotation } from '../security-context.js';
import type { Control, Report } from './control.js';

const CONTAINER_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
export const APPARMOR_ALLOWED_KEY = 'apparmor.security.beta.kubernetes.io/allowedProfileNames';
export const APPARMOR_DEFAULT_KEY = 'apparmor.security.beta.kubernetes.io/defaultProfileName';

interface Rule {
  /** The profile for containers that name none; empty: none. */
  readonly default: string;
  /** The list as the annotation has it; `null`: every profile and none are allowed. */
  readonly printed: string | null;
  readonly allowed: readonly string[];
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
export const appArmor: Control<Rule> = {
  id: 'apparmor',
  fields: [
    {
      name: 'appArmor',
      title: 'AppArmor profile',
      description: 'The AppArmor profiles that containers may run under.',
      help: 'Set the container’s AppArmor profile to one that the policy lists, usually runtime/default (appArmorProfile type: RuntimeDefault).',
    },
  ],

  rule({ annotations }) {
    const list = present(annotations?.[APPARMOR_ALLOWED_KEY]);
    const byDefault = annotations?.[APPARMOR_DEFAULT_KEY] ?? '';
    if (list === undefined && byDefault === '') return null;
    return { default: byDefault, printed: list ?? null, allowed: list?.split(',') ?? [] };
  },

  default(rule, pod, report) {
    if (rule.default === '') return;
    const filled = new Set<string>();
    for (const container of pod.containers) {
      if (namesProfile(container, pod) || filled.has(container.name)) continue;
      filled.add(container.name); // containers of one name, wrong as they are, share the annotation
      report.annotate(CONTAINER_PREFIX + container.name, rule.default);
    }
  },

  validate(rule, pod, report) {
    if (rule.printed === null) return;
    for (const container of pod.judged) {
      const annotation = pod.annotations[CONTAINER_PREFIX + container.name] ?? '';
      const field = profileField(container, pod, annotation);
      const byDefault = field === undefined ? rule.default : field;
      judge(rule, container, annotation === '' ? byDefault : annotation, report);
      if (annotation !== '' && field !== undefined && field !== annotation)
        judge(rule, container, field, report);
    }
  },
};

function namesProfile(container: ContainerView, pod: PodView): boolean {
  const annotation = pod.annotations[CONTAINER_PREFIX + container.name] ?? '';
  return annotation !== '' || profileField(container, pod, annotation) !== undefined;
}

/** The container's field, or its pod's where the container has neither a field nor an annotation. */
function profileField(container: ContainerView, pod: PodView, annotation: string): string | undefined {
  const inherited = annotation === '' ? pod.context.appArmorProfile : undefined;
  const profile = present(container.context.appArmorProfile ?? inherited);
  return profile === undefined ? undefined : profileAnnotation(profile);
}

function judge(rule: Rule, container: ContainerView, profile: string, report: Report): void {
  if (profile !== '' && rule.allowed.includes(profile)) return;
  const message =
    profile === ''
      ? 'AppArmor profile must be set'
      : `${profile} is not an allowed profile. Allowed values: ${quote(rule.printed ?? '')}`;
  const path = `pod.metadata.annotations[${CONTAINER_PREFIX}${container.name}]`;
  report.container(container, 'appArmor', 'Forbidden', path, '', message);
}
