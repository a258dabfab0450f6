import { SECCOMP_PREFIX } from '../containers.js';
import { type PodView, SECCOMP_KEY } from '../pod-view.js';
import { present } from '../security-context.js';
import type { Control } from './control.js';

export const SECCOMP_ALLOWED_KEY = 'seccomp.security.alpha.kubernetes.io/allowedProfileNames';
export const SECCOMP_DEFAULT_KEY = 'seccomp.security.alpha.kubernetes.io/defaultProfileName';
const DOCKER_DEFAULT = 'docker/default';
const RUNTIME_DEFAULT = 'runtime/default';

interface Rule {
  /** The profile for pods that name none; empty: none. */
  readonly default: string;
  /** What is wrong with that, in a policy that contradicts itself or gives nothing; follows from the rest. */
  readonly defaultProblem: string | null;
  /** The list as the annotation has it; `null`: no profile may be set. */
  readonly printed: string | null;
  /** The profiles of the list; follows from `printed`. */
  readonly allowed: ReadonlySet<string>;
  /** `*` is in the list. */
  readonly any: boolean;
}

/**
 * Seccomp profiles, from the policy's annotations.
 *
 * Restricted fields: the pod's annotation or spec.securityContext.seccompProfile; for containers their field, their
 * annotation, the pod's field, the pod's annotation, the first that is there. (The pod itself asks its annotation
 * first.)
 * Allowed values: the listed profiles; `*` allows all. Without a list: none. With a list without `*` a pod that
 * names no profile is refused unless the policy has a default.
 * Default: the pod's annotation gets the form of the pod's field, else the policy's default; the field isn't touched.
 */
export const seccomp: Control<Rule> = {
  id: 'seccomp',
  fields: [
    {
      name: 'seccomp',
      title: 'Seccomp profile',
      description: 'The seccomp profiles that pods and containers may run under.',
      help: 'Set seccompProfile to a profile that the policy lists, usually type: RuntimeDefault, for the pod and not only for its containers.',
    },
  ],

  rule({ annotations }) {
    const list = present(annotations?.[SECCOMP_ALLOWED_KEY]);
    const names = list?.split(',') ?? [];
    const allowed = new Set(names.filter((name) => name !== '*'));
    // They name the same profile since 1.19.
    if (allowed.has(DOCKER_DEFAULT) || allowed.has(RUNTIME_DEFAULT))
      allowed.add(DOCKER_DEFAULT).add(RUNTIME_DEFAULT);
    const byDefault = annotations?.[SECCOMP_DEFAULT_KEY] ?? '';
    const lists = { printed: list ?? null, allowed };
    return {
      ...lists,
      default: byDefault,
      defaultProblem: problem(lists, byDefault),
      any: names.includes('*'),
    };
  },

  default(rule, pod, report) {
    const profile = podAnnotation(rule, pod);
    if (profile !== pod.seccompAnnotation) report.annotate(SECCOMP_KEY, profile);
  },

  validate(rule, pod, report) {
    if (rule.any) return;
    const annotation = podAnnotation(rule, pod);
    const podProblem = annotation === rule.default ? rule.defaultProblem : problem(rule, annotation);
    if (podProblem !== null) {
      report.pod('seccomp', 'Forbidden', `pod.metadata.annotations[${SECCOMP_KEY}]`, '', podProblem);
    }
    const inherited = pod.seccompField ?? annotation;
    const inheritedProblem = inherited === annotation ? podProblem : problem(rule, inherited);
    for (const container of pod.judged) {
      const message = container.seccomp === undefined ? inheritedProblem : problem(rule, container.seccomp);
      if (message !== null) {
        const path = `pod.metadata.annotations[${SECCOMP_PREFIX}${container.name}]`;
        report.container(container, 'seccomp', 'Forbidden', path, '', message);
      }
    }
  },
};

/** The pod's annotation once the default is in. A field, even one without meaning, keeps the policy's default out. */
function podAnnotation(rule: Rule, pod: PodView): string {
  return pod.seccompAnnotation || (pod.seccompField ?? rule.default);
}

function problem(rule: Pick<Rule, 'printed' | 'allowed'>, profile: string): string | null {
  if (rule.printed === null) return profile === '' ? null : 'seccomp may not be set';
  if (rule.allowed.has(profile)) return null;
  return `${profile} is not an allowed seccomp profile. Valid values are ${rule.printed}`;
}
