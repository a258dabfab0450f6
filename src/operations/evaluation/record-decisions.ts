import { ENGINE_VERSION } from '../../engine/index.js';
import { canonicalJson } from '../../kubernetes/canonical-json.js';
import { maskSecrets } from '../../kubernetes/masking.js';
import type { DecisionAdmission } from '../../model/admission.js';
import type { NewDecision } from '../../model/decision.js';
import { contentDigest } from '../../model/policy-set.js';
import type { OperationContext } from '../context.js';
import type { CompiledSet } from './compiled-set.js';
import type { EvaluatedPod } from './evaluate-pod.js';
import { mapInTurns } from '../../model/turns.js';
import type { PodObject } from './read-objects.js';

/** What the log keeps of an object: masked, in canonical form, with the digest that names it. */
export interface StoredObject {
  readonly digest: string;
  readonly content: string;
}

/** Masks an object and brings it into the form in which it is stored. */
export function storedObject(source: Pick<PodObject, 'submitted'>): StoredObject {
  const content = canonicalJson(maskSecrets(source.submitted));
  return { digest: contentDigest(content), content };
}

/** The stored forms of many objects, made without holding up other requests. */
export function storedObjects(sources: readonly PodObject[]): Promise<readonly StoredObject[]> {
  return mapInTurns(sources, storedObject);
}

/** The records of evaluated pods, to be appended with the set's generation. */
export function decisionsOf(
  context: OperationContext,
  clusterId: string,
  set: CompiledSet,
  evaluated: readonly EvaluatedPod[],
  stored: readonly StoredObject[],
): Promise<readonly NewDecision[]> {
  const decidedAt = context.services.now();
  return mapInTurns(evaluated, (pod, index) => {
    const kept = stored[index];
    if (kept === undefined) throw new Error('every evaluated pod has its stored form');
    return decisionOf(context, { clusterId, set, decidedAt, stored: kept, operation: 'CREATE' }, pod);
  });
}

/** What a decision says beside the evaluation itself. */
export interface DecisionCircumstances {
  readonly clusterId: string;
  readonly set: CompiledSet;
  readonly decidedAt: Date;
  readonly stored: StoredObject;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly admission?: DecisionAdmission;
}

/** The record of one evaluated pod. */
export function decisionOf(
  context: OperationContext,
  { clusterId, set, decidedAt, stored, operation, admission }: DecisionCircumstances,
  { result, requester, durationMicros }: EvaluatedPod,
): NewDecision {
  const chosen = result.policy === null ? undefined : set.members.get(result.policy.name);
  const { document: _, item: __, ...object } = result.object;
  return {
    id: context.services.newId(),
    clusterId,
    decidedAt,
    source: context.source,
    operation,
    object,
    podDigest: stored.digest,
    podContent: stored.content,
    allowed: result.allowed,
    code: result.code,
    policyVersionId: chosen?.versionId ?? null,
    policyName: result.policy?.name ?? null,
    policyVersion: result.policy?.version ?? null,
    reason: result.reason,
    candidates: result.candidates,
    patch: result.patch,
    warnings: result.warnings,
    actor: context.principal.actor,
    requester,
    policySetDigest: set.digest,
    generation: set.generation,
    engineVersion: ENGINE_VERSION,
    durationMicros,
    admission: admission ?? null,
  };
}
