import {
  admittedPod,
  applyPatch,
  forbiddenMessage,
  type JsonPatchOperation,
  type Pod,
} from '../../engine/index.js';
import type { AdmissionRequest } from '../../kubernetes/admission-review.js';
import { type AdmissionMode, type AdmissionPhase, modeIn } from '../../model/admission.js';
import type { Requester } from '../../model/assignment.js';
import { type JudgedPod, type JudgedRequest, judgePod } from '../evaluation/evaluate-pod.js';
import type { PodObject } from '../evaluation/read-objects.js';
import type { AdmissionCluster } from './admission-clusters.js';

/** What the policies say to a pod in a request of an API server. */
export interface AdmissionJudgement {
  readonly judged: JudgedPod;
  readonly mode: AdmissionMode;
  /** Kubernetes' message of the 403; null for an admitted pod. */
  readonly forbidden: string | null;
  /** What is to be changed, the annotation with the policy's name included. */
  readonly patch: readonly JsonPatchOperation[];
  /** The pod with the patch applied. */
  readonly admitted: Pod;
}

const POLICY_ANNOTATION = 'kubernetes.io/psp';

/** Judges a pod; null where PodSecurityPolicy lets the request through unseen. */
export function judgeAdmission(
  cluster: AdmissionCluster,
  phase: AdmissionPhase,
  request: AdmissionRequest,
  { source, oldPod }: { readonly source: PodObject; readonly oldPod: Pod | null },
): AdmissionJudgement | null {
  const mode = modeIn(cluster.settings, request.namespace);
  const mutates = mode === 'ENFORCE' || cluster.settings.mutateAlways;
  const requester = requesterOf(request, source.pod);
  const judge = (operation: JudgedRequest['operation'], old: Pod | null = null) =>
    judgePod(cluster.set, source, requester, {
      pod: source.pod,
      operation,
      name: request.name,
      ...(old === null ? {} : { oldPod: old }),
      // The containers that are added through it are part of the pod that it carries.
      ...(request.subresource === '' ? {} : { subresource: request.subresource }),
    });
  let judged: JudgedPod;
  if (request.operation === 'CREATE') {
    // To the engine an update is what may not be mutated: so is a creation in validation, after it was mutated.
    judged = judge(phase === 'VALIDATE' && mutates ? 'UPDATE' : 'CREATE');
  } else {
    judged = judge('UPDATE', oldPod);
    if (!judged.evaluation.examined) return null;
    // Where nothing is filled in at creation, a pod is not to be blamed for what it lacks.
    if (!judged.evaluation.allowed && !mutates) judged = judge('CREATE');
  }
  const { evaluation } = judged;
  const isMutated = phase === 'MUTATE' && mutates && evaluation.policy !== null;
  const admitted = isMutated ? admittedPod(evaluation) : source.pod;
  const patch = isMutated ? [...judged.result.patch, ...annotationPatch(admitted, evaluation.policy)] : [];
  return {
    judged: isMutated ? judged : { ...judged, result: { ...judged.result, patch: [] } },
    mode,
    forbidden: forbiddenMessage(evaluation),
    patch,
    admitted: applyPatch(source.pod, patch),
  };
}

/** The user as the API server knows him; a service account counts only where the pod names one. */
export function requesterOf({ userName, userGroups, namespace }: AdmissionRequest, pod: Pod): Requester {
  const serviceAccount = pod.spec?.serviceAccountName || pod.spec?.serviceAccount || null;
  return { user: userName, groups: userGroups, serviceAccount, namespace };
}

/** Names the policy in the pod, as the plugin does; nothing where the pod names it already. */
function annotationPatch(pod: Pod, policy: string): readonly JsonPatchOperation[] {
  const { metadata } = pod;
  if (metadata === undefined || metadata === null) {
    return [{ op: 'add', path: '/metadata', value: { annotations: { [POLICY_ANNOTATION]: policy } } }];
  }
  const { annotations } = metadata;
  if (annotations === undefined || annotations === null) {
    return [{ op: 'add', path: '/metadata/annotations', value: { [POLICY_ANNOTATION]: policy } }];
  }
  const present = annotations[POLICY_ANNOTATION];
  if (present === policy) return [];
  const op = present === undefined ? 'add' : 'replace';
  return [{ op, path: '/metadata/annotations/kubernetes.io~1psp', value: policy }];
}
