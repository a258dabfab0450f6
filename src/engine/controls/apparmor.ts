import { APPARMOR_PREFIX, type ContainerView } from '../containers.js';
import { quote } from '../go-format.js';
import { present } from '../security-context.js';
import type { Control, Report } from './control.js';

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
    for (const container of pod.containers) {
      if (container.appArmorAnnotation === '' && container.appArmorField === undefined) {
        report.annotate(APPARMOR_PREFIX + container.name, rule.default);
      }
    }
  },

  validate(rule, pod, report) {
    if (rule.printed === null) return;
    for (const container of pod.judged) {
      const { appArmorAnnotation: annotation, appArmorField: field } = container;
      judge(rule, container, annotation || (field ?? rule.default), report);
      if (annotation !== '' && field !== undefined && field !== annotation)
        judge(rule, container, field, report);
    }
  },
};

function judge(rule: Rule, container: ContainerView, profile: string, report: Report): void {
  if (profile !== '' && rule.allowed.includes(profile)) return;
  const message =
    profile === ''
      ? 'AppArmor profile must be set'
      : `${profile} is not an allowed profile. Allowed values: ${quote(rule.printed ?? '')}`;
  report.container(container, 'appArmor', 'Forbidden', container.appArmorPath, '', message);
}
