import { forbiddenMessage } from '../../engine/index.js';
import type { AdmissionRequest } from '../../kubernetes/admission-review.js';
import { modeIn } from '../../model/admission.js';
import type { Requester } from '../../model/assignment.js';
import { judgePod } from '../evaluation/evaluate-pod.js';
import type { PodObject } from '../evaluation/read-objects.js';
import type { AdmissionCluster } from './admission-clusters.js';
import { requesterOf } from './judge-admission.js';

/** The service accounts in `kube-system` as which Kubernetes' controllers create the pods of each kind. */
const CONTROLLERS: Readonly<Record<string, string>> = {
  Deployment: 'replicaset-controller',
  ReplicaSet: 'replicaset-controller',
  StatefulSet: 'statefulset-controller',
  DaemonSet: 'daemon-set-controller',
  ReplicationController: 'replication-controller',
  Job: 'job-controller',
  CronJob: 'job-controller',
};

/**
 * What to tell the user who saves a workload whose pods would be refused; nothing where they would not, and in a
 * namespace in mode AUDIT. The pods will be created by the kind's controller, so that its rights count with those of
 * their service account; the user's own don't help, which is told where they alone would do.
 */
export function warnOfWorkload(
  cluster: AdmissionCluster,
  request: AdmissionRequest,
  source: PodObject,
): readonly string[] {
  const mode = modeIn(cluster.settings, request.namespace);
  if (mode === 'AUDIT') return [];
  const own = requesterOf(request, source.pod);
  const account = own.serviceAccount ?? 'default';
  const user = { ...own, serviceAccount: account };
  const controller = { ...controllerOf(source.object.kind, user), serviceAccount: account };
  const judge = (requester: Requester) =>
    judgePod(cluster.set, source, requester, { pod: source.pod, operation: 'CREATE' }).evaluation;
  const evaluation = judge(controller);
  if (evaluation.allowed) return [];
  const would = `the pods of this ${source.object.kind} would be refused`;
  const admitting = judge(user).policy;
  if (admitting !== null) {
    const named = `policy ${admitting} would admit them for user ${own.user ?? ''} only`;
    return [`${would}: ${named}, but the service account ${account} may not use it`];
  }
  // The message names a pod, which there isn't yet.
  const [, reason = evaluation.reason] =
    /PodSecurityPolicy: (.*)$/s.exec(forbiddenMessage(evaluation) ?? '') ?? [];
  return [`${would}: ${reason}`];
}

function controllerOf(kind: string, user: Requester): Requester {
  const controller = CONTROLLERS[kind];
  // Who makes pods from a PodTemplate isn't known: the asking user is the best guess.
  if (controller === undefined) return user;
  return {
    ...user,
    user: `system:serviceaccount:kube-system:${controller}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  };
}
