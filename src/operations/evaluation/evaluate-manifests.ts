import type { ManifestFormat } from '../../kubernetes/manifests.js';
import type { NewDecision } from '../../model/decision.js';
import { PodgateError } from '../../model/errors.js';
import type { EvaluationReport } from '../../model/evaluation.js';
import { mapInTurns } from '../../model/turns.js';
import { identifyClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';
import { evaluateObjects, reportOf } from './evaluate-objects.js';
import type { ClusterIdentity } from './policy-set-cache.js';
import type { ReadObjects } from './read-objects.js';
import { decisionsOf, storedObjects } from './record-decisions.js';
import type { RequesterInput } from './requester-input.js';

/** Manifests to be evaluated against the policies of a cluster. */
export interface EvaluateManifestsInput extends RequesterInput {
  readonly cluster: string;
  readonly body: Uint8Array | string;
  readonly format: ManifestFormat;
  /** The policies in force at this moment; nothing is recorded then. null: those in force now. */
  readonly at: Date | null;
  /** Evaluate, record nothing. */
  readonly dryRun: boolean;
}

/**
 * Told of the answer when everything is decided and before anything is recorded; told again where it has to be decided
 * anew. When it rejects nothing is recorded.
 */
export type OnDecided = (report: EvaluationReport) => Promise<void>;

/** How often an evaluation is made again because the policies changed meanwhile, before giving up. */
const MOST_ATTEMPTS = 20;

/**
 * Evaluates every pod in the manifests and, unless it is a dry run, records a decision for each: the answer comes
 * after the records are durable, and they were made with the policies in force. Throws MALFORMED, INVALID,
 * NOT_FOUND, UNAVAILABLE; then nothing is recorded.
 */
export async function evaluateManifests(
  context: OperationContext,
  input: EvaluateManifestsInput,
  onDecided?: OnDecided,
): Promise<EvaluationReport> {
  const simulated = input.dryRun || input.at !== null;
  const action = simulated ? 'pod:simulate' : 'pod:evaluate';
  const cluster = await identifyClusterFor(context, action, input.cluster);
  const { readObjects, policySets } = context.services;
  // Before the body is read: a moment that can't be told is what is said first.
  const past = input.at === null ? null : await policySets.at(cluster.id, input.at);
  const read = await readObjects(input.body, input.format);
  const nothingToRecord = simulated || read.pods.length === 0;
  if (!nothingToRecord) return evaluateAndRecord(context, cluster, read, input, onDecided);
  const set = past ?? (await policySets.current(cluster.id));
  const report = reportOf(cluster.name, set, read, await evaluateObjects(set, read.pods, input));
  await onDecided?.(report);
  return report;
}

/** Evaluates and records; evaluates again where the policies changed before the record was durable. */
export async function evaluateAndRecord(
  context: OperationContext,
  cluster: ClusterIdentity,
  read: ReadObjects,
  input: RequesterInput,
  onDecided?: OnDecided,
): Promise<EvaluationReport> {
  const { policySets, decisionLog, onEvaluated } = context.services;
  const stored = await storedObjects(read.pods);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const set = await policySets.recent(cluster.id);
    const evaluated = await evaluateObjects(set, read.pods, input);
    const decisions = await decisionsOf(context, cluster.id, set, evaluated, stored);
    const report = withDecisions(reportOf(cluster.name, set, read, evaluated), decisions);
    await onDecided?.(report);
    const outcome = await decisionLog.append(cluster.id, set.generation, decisions);
    if (outcome.recorded) {
      await mapInTurns(evaluated, ({ result, durationMicros }) =>
        onEvaluated({ allowed: result.allowed, code: result.code, micros: durationMicros }),
      );
      return report;
    }
    policySets.forget(cluster.id);
  }
  throw new PodgateError(
    'UNAVAILABLE',
    `The policies of cluster ${cluster.name} change too fast: try again`,
    {
      retryAfterSeconds: 1,
    },
  );
}

function withDecisions(report: EvaluationReport, decisions: readonly NewDecision[]): EvaluationReport {
  const decisionId = (index: number) => decisions[index]?.id ?? null;
  const results = report.results.map((result, index) => ({ ...result, decisionId: decisionId(index) }));
  return { ...report, results };
}
