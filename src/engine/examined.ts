import type { EvaluationRequest } from './evaluation.js';
import type { FeatureGates } from './policy-spec.js';
import { sameForAdmission } from './same-pod.js';

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
    sameForAdmission(request.pod, request.oldPod)
  ) {
    return 'the update changes nothing that PodSecurityPolicy looks at';
  }
  return null;
}
