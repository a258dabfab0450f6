import type { EvaluationRequest } from './evaluation.js';
import type { Pod } from './pod.js';
import type { FeatureGates } from './policy-spec.js';
import { sameForAdmission } from './same-pod.js';

/**
 * The pod that is judged: the submitted one; on UPDATE without the gate EphemeralContainers the API has by then dropped
 * ephemeral containers that the stored pod doesn't have either. (On CREATE it drops them after admission.)
 */
export function examinedPod(request: EvaluationRequest, gates: FeatureGates): Pod {
  const { pod, oldPod } = request;
  if (gates.ephemeralContainers || mayMutate(request)) return pod;
  const given = pod.spec?.ephemeralContainers?.length ?? 0;
  const stored = oldPod?.spec?.ephemeralContainers?.length ?? 0;
  if (given === 0 || stored > 0) return pod;
  return { ...pod, spec: { ...pod.spec, ephemeralContainers: null } };
}

/** Whether policies may fill something in: only when a pod is created. */
export function mayMutate(request: EvaluationRequest): boolean {
  return request.operation === 'CREATE';
}

/**
 * Why PodSecurityPolicy lets a request through without looking at it, or `null` if it looks. Subresources pass, but
 * with the gate not `ephemeralcontainers`, through which a running pod gets containers; an update passes that changes
 * nothing but what belongs to controllers and the API server itself.
 */
export function letThroughUnseen(request: EvaluationRequest, gates: FeatureGates): string | null {
  const subresource = request.subresource ?? '';
  if (subresource !== '' && !(subresource === 'ephemeralcontainers' && gates.ephemeralContainers)) {
    return `PodSecurityPolicy does not look at the subresource ${subresource}`;
  }
  if (
    request.operation === 'UPDATE' &&
    request.oldPod !== undefined &&
    sameForAdmission(examinedPod(request, gates), request.oldPod)
  ) {
    return 'the update changes nothing that PodSecurityPolicy looks at';
  }
  return null;
}
