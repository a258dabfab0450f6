import { authorizeCluster } from '../../access/authorize.js';
import type { JsonPatchOperation } from '../../engine/index.js';
import type { AdmissionRequest } from '../../kubernetes/admission-review.js';
import { type AdmissionPhase, modeIn } from '../../model/admission.js';
import type { NewDecision } from '../../model/decision.js';
import { notFound, PodgateError } from '../../model/errors.js';
import { decisionOf, storedObject } from '../evaluation/record-decisions.js';
import type { PodObject } from '../evaluation/read-objects.js';
import type { AdmissionCluster } from './admission-clusters.js';
import type { RecordOutcome } from './admission-recorder.js';
import { type AdmissionSubject, subjectOf } from './admission-subject.js';
import type { AdmissionContext } from './context.js';
import { type AdmissionJudgement, judgeAdmission, requesterOf } from './judge-admission.js';
import { mutateKey } from './mutate-memory.js';
import type { FoundTie } from './mutate-ties.js';
import { warnOfWorkload } from './warn-workload.js';
import { requireSecret } from './webhook-secrets.js';

/** A request of an API server. */
export interface ReviewAdmissionInput {
  readonly cluster: string;
  readonly phase: AdmissionPhase;
  readonly request: AdmissionRequest;
}

/** What the API server is to do. */
export interface AdmissionVerdict {
  readonly allowed: boolean;
  /** Why not: Kubernetes' own words; null where it is allowed. */
  readonly message: string | null;
  /** The record; null where there is none. */
  readonly decisionId: string | null;
  readonly patch: readonly JsonPatchOperation[];
  readonly warnings: readonly string[];
  /** For the API server's audit log. */
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

const ALLOWED: AdmissionVerdict = {
  allowed: true,
  message: null,
  decisionId: null,
  patch: [],
  warnings: [],
  auditAnnotations: {},
};

/**
 * Answers a request of a cluster's API server, and records what is decided about a pod before the answer. A pod that is
 * too large to be judged is refused in mode ENFORCE, whatever the webhook's `failurePolicy`: its author could have made
 * it so on purpose. Throws NOT_FOUND for an unknown cluster, UNAUTHENTICATED for a secret that was just revoked, INVALID
 * for an object that no API server sends, UNAVAILABLE.
 */
export async function reviewAdmission(
  context: AdmissionContext,
  input: ReviewAdmissionInput,
): Promise<AdmissionVerdict> {
  authorizeCluster(context.principal, 'pod:evaluate', input.cluster);
  const { clusters, excludedNamespaces } = context.admission;
  const { request } = input;
  const cluster = await clusters.recent(input.cluster, context.deadline);
  if (cluster === null) throw notFound('Cluster', input.cluster);
  if (excludedNamespaces.has(request.namespace)) return ALLOWED;
  try {
    return await reviewObject(context, input, cluster);
  } catch (error) {
    if (!(error instanceof PodgateError) || error.code !== 'TOO_LARGE') throw error;
    context.services.onRefused({
      actor: context.principal.actor,
      clusterId: cluster.id,
      source: 'WEBHOOK',
      message: error.message,
    });
    return unjudged(cluster, request, error.message);
  }
}

/** The answer about what is too large to be judged. Only a pod is refused: a workload's own pods come later. */
function unjudged({ settings }: AdmissionCluster, request: AdmissionRequest, why: string): AdmissionVerdict {
  const isRefused = request.resource === 'pods' && modeIn(settings, request.namespace) === 'ENFORCE';
  if (isRefused) return { ...ALLOWED, allowed: false, message: why };
  return { ...ALLOWED, warnings: [`let through unchecked: ${why}`] };
}

async function reviewObject(
  context: AdmissionContext,
  input: ReviewAdmissionInput,
  cluster: AdmissionCluster,
): Promise<AdmissionVerdict> {
  const { request, phase } = input;
  const subject = subjectOf(request, phase);
  if (subject.kind === 'nothing') return { ...ALLOWED, warnings: subject.warnings };
  if (subject.kind === 'workload') {
    const current = await currentCluster(context, input.cluster);
    return { ...ALLOWED, warnings: warnOfWorkload(current, request, subject.source) };
  }
  return request.dryRun ? tryOut(context, input, subject) : decide(context, input, cluster, subject);
}

type PodSubject = Extract<AdmissionSubject, { readonly kind: 'pod' }>;

/**
 * The cluster as it is now. Throws NOT_FOUND, and UNAUTHENTICATED where the caller's secret was revoked meanwhile: that
 * moves the generation as a change of the policies does, so that nothing is ever recorded for a revoked secret.
 */
async function currentCluster(
  { admission, deadline, secretHash }: AdmissionContext,
  name: string,
): Promise<AdmissionCluster> {
  const cluster = await admission.clusters.current(name, deadline);
  if (cluster === null) throw notFound('Cluster', name);
  if (secretHash !== null) requireSecret(cluster, secretHash);
  return cluster;
}

async function tryOut(
  context: AdmissionContext,
  { cluster: name, phase, request }: ReviewAdmissionInput,
  subject: PodSubject,
): Promise<AdmissionVerdict> {
  const cluster = await currentCluster(context, name);
  const judgement = judgeAdmission(cluster, phase, request, subject);
  if (judgement === null) return ALLOWED;
  const verdict = verdictOf(judgement, phase, null);
  return { ...verdict, warnings: [...verdict.warnings, 'Podgate recorded no decision: this is a dry run'] };
}

/** How often a request is judged again because the policies changed meanwhile, before giving up. */
const MOST_ATTEMPTS = 20;

async function decide(
  context: AdmissionContext,
  { cluster: name, phase, request }: ReviewAdmissionInput,
  first: AdmissionCluster,
  subject: PodSubject,
): Promise<AdmissionVerdict> {
  const { onEvaluated } = context.services;
  const stored = storedObject({ submitted: withoutManagedFields(subject.source) });
  let earlier = await earlierDecision(context, first.id, phase, request, subject.source);
  let cluster = first;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const judgement = judgeAdmission(cluster, phase, request, subject);
    if (judgement === null) return ALLOWED;
    const { judged, mode } = judgement;
    const decision = decisionOf(
      context,
      {
        clusterId: cluster.id,
        set: cluster.set,
        decidedAt: context.services.now(),
        stored,
        operation: request.operation === 'UPDATE' ? 'UPDATE' : 'CREATE',
        admission: { phase, mode, offline: false, mutateDecisionId: earlier?.decisionId ?? null },
      },
      judged,
    );
    const outcome = await record(context, phase, decision, judgement, earlier);
    if (outcome === 'LOST') return undecided(cluster);
    if (outcome === 'RECORDED' || outcome === 'KEPT') {
      const { result, durationMicros } = judged;
      onEvaluated({ allowed: result.allowed, code: result.code, micros: durationMicros });
      return verdictOf(judgement, phase, decision.id);
    }
    if (outcome === 'TIE_GONE') {
      const key = mutateKey(cluster.id, judged.requester, subject.source.pod);
      earlier = await context.admission.mutated.find(key, context.deadline);
    } else cluster = await currentCluster(context, name);
  }
  throw new PodgateError('UNAVAILABLE', `The policies of cluster ${name} change too fast: try again`, {
    retryAfterSeconds: 1,
  });
}

/**
 * Records a decision; with it that of the pod's mutation is taken, or it is noted for the validation of the pod that it
 * lets go on.
 */
async function record(
  { admission: { recorder, mutated }, deadline }: AdmissionContext,
  phase: AdmissionPhase,
  decision: NewDecision,
  judgement: AdmissionJudgement,
  earlier: FoundTie | null,
): Promise<RecordOutcome> {
  if (earlier !== null)
    return recorder.record(decision, deadline, earlier.isOpen ? { take: earlier.decisionId } : undefined);
  if (phase !== 'MUTATE' || isRefused(judgement)) return recorder.record(decision, deadline);
  const key = mutateKey(decision.clusterId, judgement.judged.requester, judgement.admitted);
  const outcome = await recorder.record(decision, deadline, { note: key });
  if (outcome === 'RECORDED' || outcome === 'KEPT') mutated.note(key, decision.id, outcome === 'RECORDED');
  return outcome;
}

function isRefused({ judged, mode }: AdmissionJudgement): boolean {
  return !judged.result.allowed && mode === 'ENFORCE';
}

/** The answer where a decision can be recorded nowhere: what the cluster's `onUnavailable` says. */
function undecided({ settings }: AdmissionCluster): AdmissionVerdict {
  const why = 'Podgate can record its decision neither in its database nor on disk';
  if (settings.onUnavailable === 'ALLOW') return { ...ALLOWED, warnings: [`let through unchecked: ${why}`] };
  return { ...ALLOWED, allowed: false, message: `${why}: try again` };
}

/**
 * The decision of the same creation's mutation. A pod that comes as an earlier call left it is being validated, or
 * (then it names its policy already) mutated once more.
 */
async function earlierDecision(
  { admission: { mutated }, deadline }: AdmissionContext,
  clusterId: string,
  phase: AdmissionPhase,
  request: AdmissionRequest,
  source: PodObject,
): Promise<FoundTie | null> {
  if (request.operation !== 'CREATE') return null;
  const key = () => mutateKey(clusterId, requesterOf(request, source.pod), source.pod);
  if (phase === 'VALIDATE') return mutated.take(key(), deadline);
  const decisionId = namesPolicy(source) ? await mutated.peek(key(), deadline) : null;
  return decisionId === null ? null : { decisionId, isOpen: false };
}

function namesPolicy({ pod }: PodObject): boolean {
  return pod.metadata?.annotations?.['kubernetes.io/psp'] !== undefined;
}

function verdictOf(
  judgement: AdmissionJudgement,
  phase: AdmissionPhase,
  decisionId: string | null,
): AdmissionVerdict {
  const { judged, mode, forbidden, patch } = judgement;
  const { allowed, policy, warnings } = judged.result;
  const refused = isRefused(judgement);
  const annotation = phase === 'MUTATE' ? 'admit-policy' : 'validate-policy';
  return {
    allowed: !refused,
    message: refused ? forbidden : null,
    decisionId,
    patch,
    warnings:
      !allowed && mode === 'WARN' ? [`this would be refused in mode ENFORCE: ${forbidden}`] : warnings,
    auditAnnotations: {
      ...(policy === null ? {} : { [annotation]: policy.name }),
      ...(!allowed && !refused ? { 'would-deny': forbidden ?? '' } : {}),
      ...(decisionId === null ? {} : { decision: decisionId }),
    },
  };
}

/** The object as it is kept: who manages which field takes more room than the rest and no policy looks at it. */
function withoutManagedFields({ submitted }: PodObject): PodObject['submitted'] {
  const { metadata } = submitted;
  if (typeof metadata !== 'object' || metadata === null || !('managedFields' in metadata)) return submitted;
  const { managedFields: _, ...kept } = metadata;
  return { ...submitted, metadata: kept };
}
