import { inBoth } from '../families.js';
import { type ContainerView, SECCOMP_PREFIX } from '../containers.js';
import { type PodView, SECCOMP_KEY } from '../pod-view.js';
import { present } from '../security-context.js';
import type { Control } from './control.js';

/** The policy's annotation with the profiles that it allows, parted by commas; `*` allows every one. */
export const SECCOMP_ALLOWED_KEY = 'seccomp.security.alpha.kubernetes.io/allowedProfileNames';
/** The policy's annotation with the profile that it fills in. */
export const SECCOMP_DEFAULT_KEY = 'seccomp.security.alpha.kubernetes.io/defaultProfileName';
const DOCKER_DEFAULT = 'docker/default';
const RUNTIME_DEFAULT = 'runtime/default';
const POD_FIELD = `pod.metadata.annotations[${SECCOMP_KEY}]`;

interface Demand {
  /** What pods get that name no profile; empty: nothing. */
  readonly default: string;
  /** What is wrong with that, in a policy that contradicts itself or gives nothing; follows from the rest. */
  readonly defaultProblem: string | null;
  /** The list as the annotation has it; `null`: no profile may be set. */
  readonly printed: string | null;
  /** The profiles of the list; follows from `printed`. */
  readonly allowed: ReadonlySet<string>;
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
export const seccomp: Control<string, Demand> = {
  id: 'seccomp',
  fields: [
    {
      name: 'seccomp',
      title: 'Seccomp profile',
      description: 'The seccomp profiles that pods and containers may run under.',
      help: 'Set seccompProfile to a profile that the policy lists, usually type: RuntimeDefault, for the pod and not only for its containers.',
    },
  ],

  // Without a default of the policy it is the pod's field that may have to be copied into its annotation.
  fills: ({ annotations }) => annotations?.[SECCOMP_DEFAULT_KEY] ?? '',

  default(profile, pod, changes) {
    const annotation = podAnnotation(profile, pod);
    if (annotation !== pod.seccompAnnotation) changes.annotate(SECCOMP_KEY, annotation);
  },

  demands({ annotations }) {
    const list = present(annotations?.[SECCOMP_ALLOWED_KEY]);
    const allowed = new Set(list?.split(','));
    if (allowed.has('*')) return null;
    // They name the same profile since 1.19.
    if (allowed.has(DOCKER_DEFAULT) || allowed.has(RUNTIME_DEFAULT))
      allowed.add(DOCKER_DEFAULT).add(RUNTIME_DEFAULT);
    const byDefault = annotations?.[SECCOMP_DEFAULT_KEY] ?? '';
    const lists = { printed: list ?? null, allowed };
    return { ...lists, default: byDefault, defaultProblem: problem(lists, byDefault) };
  },

  common(one, other) {
    if (one.default !== other.default || one.printed === null || other.printed === null) return null;
    const names = inBoth([...one.allowed], [...other.allowed]);
    if (names === null) return null;
    const lists = { printed: one.printed, allowed: new Set(names) };
    return { ...lists, default: one.default, defaultProblem: problem(lists, one.default) };
  },

  validate(demand, pod, findings) {
    const annotation = podAnnotation(demand.default, pod);
    const podProblem = annotation === demand.default ? demand.defaultProblem : problem(demand, annotation);
    if (podProblem !== null) {
      findings.pod('seccomp', 'Forbidden', POD_FIELD, '', podProblem);
    }
    const inherited = pod.seccompField ?? annotation;
    const inheritedProblem = inherited === annotation ? podProblem : problem(demand, inherited);
    for (const container of pod.judged) {
      const message = container.seccomp === undefined ? inheritedProblem : problem(demand, container.seccomp);
      if (message !== null) {
        findings.container(container, 'seccomp', 'Forbidden', annotationField, '', message);
      }
    }
  },
};

/** The pod's annotation once the default is in. A field, even one without meaning, keeps the policy's default out. */
function podAnnotation(byDefault: string, pod: PodView): string {
  return pod.seccompAnnotation || (pod.seccompField ?? byDefault);
}

function problem({ printed, allowed }: Pick<Demand, 'printed' | 'allowed'>, profile: string): string | null {
  if (printed === null) return profile === '' ? null : 'seccomp may not be set';
  if (allowed.has(profile)) return null;
  return `${profile} is not an allowed seccomp profile. Valid values are ${printed}`;
}

function annotationField({ name }: ContainerView): string {
  return `pod.metadata.annotations[${SECCOMP_PREFIX}${name}]`;
}
