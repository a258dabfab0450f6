import type { Pod } from '../../engine/index.js';
import type { AdmissionRequest } from '../../kubernetes/admission-review.js';
import type { JsonObject } from '../../kubernetes/json-value.js';
import { decodePod } from '../../kubernetes/pod-schema.js';
import { podOf } from '../../kubernetes/workload.js';
import type { AdmissionPhase } from '../../model/admission.js';
import { invalid } from '../../model/errors.js';
import { countValues } from '../evaluation/bounds.js';
import type { PodObject } from '../evaluation/read-objects.js';

/** What a request is to the policies. */
export type AdmissionSubject =
  /** Nothing that they look at. */
  | { readonly kind: 'nothing'; readonly warnings: readonly string[] }
  /** A pod that is created or updated, or gets containers. */
  | { readonly kind: 'pod'; readonly source: PodObject; readonly oldPod: Pod | null }
  /** A workload whose pods its controller will create. */
  | { readonly kind: 'workload'; readonly source: PodObject };

const NOTHING: AdmissionSubject = { kind: 'nothing', warnings: [] };
const EPHEMERAL_CONTAINERS = 'ephemeralcontainers';
const NO_POD = 'A request about pods must hold a Pod';

/**
 * Finds out what a request is about. As the plugin: pods on CREATE, in validation also on UPDATE; no subresource but
 * `ephemeralcontainers` where it carries a Pod (Kubernetes 1.22 on); nothing on DELETE and CONNECT. Throws INVALID for
 * an object whose members have wrong types, which no API server sends.
 */
export function subjectOf(request: AdmissionRequest, phase: AdmissionPhase): AdmissionSubject {
  const { operation, object, subresource } = request;
  if (object === null || (operation !== 'CREATE' && operation !== 'UPDATE')) return NOTHING;
  const found = podOf(object);
  const isPods = request.resource === 'pods' && request.resourceGroup === '';
  if (found.kind === 'invalid') throw invalid('The object is not valid', found.problems);
  if (isPods && subresource === EPHEMERAL_CONTAINERS && found.kind === 'skipped') {
    const warning =
      'Podgate does not check ephemeral containers on this Kubernetes version: the request holds no pod';
    return { kind: 'nothing', warnings: [warning] };
  }
  if (found.kind === 'skipped') {
    // What says that it is about pods and shows none isn't let through unseen.
    if (isPods && subresource === '') throw invalid(NO_POD);
    return NOTHING;
  }
  if (!isPods) {
    const isWorkload = subresource === '' && found.podPath !== '';
    return isWorkload ? { kind: 'workload', source: sourceOf(request, object, found) } : NOTHING;
  }
  if (found.podPath !== '') throw invalid(NO_POD);
  const isLookedAt =
    (subresource === '' && (operation === 'CREATE' || phase === 'VALIDATE')) ||
    (subresource === EPHEMERAL_CONTAINERS && operation === 'UPDATE' && phase === 'VALIDATE');
  if (!isLookedAt) return NOTHING;
  const old = request.oldObject === null ? null : podOf(request.oldObject);
  const oldPod = old?.kind === 'pod' ? checked(old, '/request/oldObject') : null;
  return { kind: 'pod', source: sourceOf(request, object, found), oldPod };
}

type FoundPod = Extract<ReturnType<typeof podOf>, { kind: 'pod' }>;

function sourceOf(request: AdmissionRequest, submitted: JsonObject, found: FoundPod): PodObject {
  return {
    object: {
      document: 0,
      item: null,
      apiVersion: found.apiVersion,
      kind: found.objectKind,
      namespace: request.namespace,
      name: request.name || (found.name ?? ''),
      podPath: found.podPath,
    },
    pod: checked(found, '/request/object'),
    podPointer: found.podPointer,
    submitted,
    values: countValues(submitted),
    // Fields that Podgate doesn't know are those of a newer API server, which has told its user of others already.
    warnings: [],
  };
}

/** Types only: validation of the whole is the API server's, and comes after mutation. */
function checked({ pod, podPath, podPointer }: FoundPod, pointer: string): Pod {
  const { errors } = decodePod(pod, { required: false, podPath, podPointer: `${pointer}${podPointer}` });
  if (errors.length > 0) throw invalid('The object is not a valid pod', errors);
  // decodePod has checked every member by type against Kubernetes' own schema.
  return pod;
}
