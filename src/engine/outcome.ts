import { Changes } from './changes.js';
import { POLICY_ANNOTATION, traceOf } from './evaluate.js';
import type { Candidate, Evaluation } from './evaluation.js';
import { mayMutate } from './examined.js';
import { formatFieldError, quote } from './go-format.js';
import { applyPatch, jsonPatch, type JsonPatchOperation } from './json-patch.js';
import type { Pod } from './pod.js';

const NO_OPERATIONS: readonly JsonPatchOperation[] = Object.freeze([]);

/**
 * What the chosen policy fills in, as an RFC 6902 patch to the submitted pod; empty where it changes nothing or the
 * pod is denied. With `policy`: what that policy of the set would fill in, whether it is chosen or not; empty for
 * a policy that can't work. The API server's own defaulting and the annotation `kubernetes.io/psp` are not in it.
 */
export function patch(evaluation: Evaluation, policy?: string): readonly JsonPatchOperation[] {
  const { set, request, pod, winner } = traceOf(evaluation);
  // The chosen policy changes the pod only where it says so; on UPDATE none may.
  if (policy === undefined && evaluation.candidates[winner]?.mutates !== true) return NO_OPERATIONS;
  const chosen =
    policy === undefined ? set.policies[winner] : set.policies.find(({ name }) => name === policy);
  if (chosen === undefined || chosen.unusable !== null) return NO_OPERATIONS;
  const changes = new Changes('keep');
  for (const { registered, part } of chosen.fills) registered.fillInPod(part, pod, changes);
  for (const container of pod.containers) {
    changes.begin(container);
    for (const { registered, part } of chosen.containerFills)
      registered.fillInContainer?.(part, container, changes);
  }
  return changes.takeNote() ? jsonPatch(request.pod, changes) : NO_OPERATIONS;
}

/** The pod as the chosen policy admits it: the submitted one with the patch applied, which is left as it was. */
export function admittedPod(evaluation: Evaluation): Pod {
  return applyPatch(traceOf(evaluation).request.pod, patch(evaluation));
}

/**
 * The message of the 403 with which Kubernetes refuses the pod, or `null` where it is allowed. Errors of several
 * policies stand in the order in which the policies are considered; the real server's order between policies is random.
 */
export function forbiddenMessage(evaluation: Evaluation): string | null {
  if (evaluation.allowed) return null;
  const { request } = traceOf(evaluation);
  const start = `pods ${quote(requestName(request))} is forbidden: PodSecurityPolicy: `;
  if (evaluation.candidates.every(({ unusable }) => unusable !== undefined)) {
    return `${start}no providers available to validate pod request`;
  }
  const hint = mayMutate(request) ? undefined : request.pod.metadata?.annotations?.[POLICY_ANNOTATION];
  const errors = hintedFirst(evaluation.candidates, hint).flatMap(({ violations }) =>
    violations.map(formatFieldError),
  );
  return `${start}unable to ${mayMutate(request) ? 'admit' : 'validate'} pod: [${errors.join(' ')}]`;
}

function hintedFirst(candidates: readonly Candidate[], hint: string | undefined): readonly Candidate[] {
  const hinted = candidates.filter(({ policy }) => policy === hint);
  return hinted.length === 0
    ? candidates
    : [...hinted, ...candidates.filter(({ policy }) => policy !== hint)];
}

/** The request's name, else the pod's, else what its name will be made of. */
function requestName({ name, pod }: { readonly name?: string | undefined; readonly pod: Pod }): string {
  return name || pod.metadata?.name || pod.metadata?.generateName || 'Unknown';
}
