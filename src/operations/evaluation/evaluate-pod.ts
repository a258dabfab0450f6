import {
  addServiceAccountVolume,
  admittedPod,
  type Evaluation,
  type EvaluationRequest,
  type JsonPatchOperation,
  patch,
} from '../../engine/index.js';
import { apiWarnings } from '../../kubernetes/api-validation.js';
import { mayUse, type Requester } from '../../model/assignment.js';
import type { EvaluationResult } from '../../model/evaluation.js';
import { evaluateWithin } from './bounds.js';
import { charactersSaid } from './said.js';
import type { CompiledSet } from './compiled-set.js';
import type { PodObject } from './read-objects.js';
import type { RequesterInput } from './requester-input.js';

/** A pod's evaluation with what a record of it needs. */
export interface EvaluatedPod {
  readonly result: EvaluationResult;
  readonly requester: Requester;
  /** Time that the engine took, in microseconds. */
  readonly durationMicros: number;
  /** Length of what is said about the pod, in characters, about. */
  readonly said: number;
}

/** Runs the engine on one pod as its creation and puts the outcome into the words of the contract. Throws TOO_LARGE. */
export function evaluatePod(set: CompiledSet, source: PodObject, input: RequesterInput): EvaluatedPod {
  const pod = set.addServiceAccountVolume ? addServiceAccountVolume(source.pod) : source.pod;
  return judgePod(set, source, requesterOf(source, input), { pod, operation: 'CREATE' });
}

/** What of an evaluation is not told by the policy set and the requester. */
export type JudgedRequest = Omit<EvaluationRequest, 'usable'>;

/** An evaluated pod and the engine's own outcome. */
export interface JudgedPod extends EvaluatedPod {
  readonly evaluation: Evaluation;
}

/** Runs the engine on one pod of a request and puts the outcome into the words of the contract. Throws TOO_LARGE. */
export function judgePod(
  set: CompiledSet,
  source: PodObject,
  requester: Requester,
  request: JudgedRequest,
): JudgedPod {
  const started = performance.now();
  const evaluation = evaluateWithin(set, source.values, {
    name: source.object.name,
    ...request,
    usable: (name) => {
      const member = set.members.get(name);
      return member !== undefined && mayUse(member, requester);
    },
  });
  const operations = patch(evaluation);
  const durationMicros = Math.round((performance.now() - started) * 1000);
  const versionOf = (name: string) => set.members.get(name)?.version ?? null;
  const result: EvaluationResult = {
    object: { ...source.object, namespace: requester.namespace },
    decisionId: null,
    allowed: evaluation.allowed,
    code: evaluation.code,
    policy:
      evaluation.policy === null ? null : { name: evaluation.policy, version: versionOf(evaluation.policy) },
    reason: evaluation.reason,
    patch: operations.map((operation) => relocated(operation, source.podPointer)),
    warnings: evaluation.allowed ? [...source.warnings, ...refusals(evaluation, source)] : source.warnings,
    candidates: evaluation.candidates.map((candidate) => ({
      ...candidate,
      version: versionOf(candidate.policy),
    })),
    fixes: [],
  };
  return { evaluation, result, requester, durationMicros, said: charactersSaid(result) };
}

/** Why the API would refuse the pod that the policy admits. */
function refusals(evaluation: Evaluation, { object }: PodObject): readonly string[] {
  return apiWarnings(admittedPod(evaluation), object.podPath);
}

function requesterOf({ object, pod }: PodObject, input: RequesterInput): Requester {
  const { user, groups } = input;
  const own = pod.spec?.serviceAccountName || pod.spec?.serviceAccount || 'default';
  const namespace = object.namespace === '' ? input.namespace : object.namespace;
  return { user, groups, serviceAccount: input.serviceAccount ?? own, namespace };
}

function relocated(operation: JsonPatchOperation, podPointer: string): JsonPatchOperation {
  return podPointer === '' ? operation : { ...operation, path: `${podPointer}${operation.path}` };
}
