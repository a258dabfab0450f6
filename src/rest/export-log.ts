import { exactJson } from '../model/exact-json.js';
import type { Checkpoint } from '../model/checkpoint.js';
import { LOG_EXPORT_FORMAT } from '../model/log-export.js';
import { textInTurns } from '../model/turns.js';
import type { LoggedBatch } from '../model/verify-log.js';
import type { OperationContext } from '../operations/context.js';
import type { ExportedDecision, ExportedLog } from '../operations/decisions/export-log.js';
import { type PodSpecOf, podSpecsOfDecisions } from '../operations/decisions/pod-specs-of-decisions.js';
import { renderDecision } from './decision-answer.js';

/** A log with its proof as lines of JSON; `openLogExport` reads them. */
export async function* exportedLog(context: OperationContext, log: ExportedLog): AsyncGenerator<string> {
  const { cluster, clusterId, end, checkpoints, batches } = log;
  const ended = { sequence: String(end.sequence), digest: end.digest.toString('hex') };
  yield line({ log: { format: LOG_EXPORT_FORMAT, cluster, clusterId, end: ended } });
  for (const checkpoint of checkpoints) yield line({ checkpoint: renderCheckpoint(checkpoint) });
  for await (const batch of batches) {
    const podSpecOf = await podSpecsOfDecisions(context, batch.decisions);
    yield* textInTurns(linesOf(batch, podSpecOf));
  }
}

function* linesOf(batch: LoggedBatch<ExportedDecision>, podSpecOf: PodSpecOf): Generator<string> {
  for (const decision of batch.decisions) {
    yield line({ ...renderDecision(decision, podSpecOf), proof: renderProof(decision) });
  }
  yield line({ batch: renderBatch(batch) });
}

function line(value: object): string {
  return `${exactJson(value)}\n`;
}

function renderCheckpoint({ kind, sequence, digest, keyId, signature, signedAt }: Checkpoint) {
  return {
    kind,
    sequence: String(sequence),
    digest: digest.toString('hex'),
    keyId,
    signature: signature.toString('base64'),
    signedAt: signedAt.toISOString(),
  };
}

function renderBatch({ firstSequence, lastSequence, recordedAt, digest }: LoggedBatch) {
  return {
    firstSequence: String(firstSequence),
    lastSequence: String(lastSequence),
    recordedAt: recordedAt.toISOString(),
    digest: digest.toString('hex'),
  };
}

/** What the digest of a decision covers beside the members that every answer has, and the digest. */
function renderProof({ policyVersionId, generation, digest }: ExportedDecision) {
  return { policyVersionId, generation: String(generation), digest: digest.toString('hex') };
}
