import type { Checkpoint } from '../../model/checkpoint.js';
import type { Decision } from '../../model/decision.js';
import { PodgateError } from '../../model/errors.js';
import { type LogEnd, type LoggedBatch, type LoggedDecision, removalOf } from '../../model/verify-log.js';
import { insertCheckpoint, listCheckpoints } from '../../storage/checkpoints.js';
import { readBatches, readLogEnd } from '../../storage/log-reader.js';
import { readOnly } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext, Services } from '../context.js';

/** A decision with all that its digest covers. */
export type ExportedDecision = Decision & LoggedDecision;

/** A cluster's log with all that it takes to verify it elsewhere. */
export interface ExportedLog {
  readonly cluster: string;
  readonly clusterId: string;
  /** Where the log ended when the call began; the last checkpoint is of it. */
  readonly end: LogEnd;
  /** All there are up to the end, oldest first. */
  readonly checkpoints: readonly Checkpoint[];
  /** From the oldest that is kept to the end; read in constant memory. */
  readonly batches: AsyncIterable<LoggedBatch<ExportedDecision>>;
}

/**
 * A cluster's whole log, from its beginning to where it ended when the call began. That end is signed, so that nothing
 * can be cut off it. Throws NOT_FOUND, FORBIDDEN, UNAVAILABLE; the batches throw UNAVAILABLE where retention has
 * removed what was still to be read.
 */
export async function exportLog(
  context: OperationContext,
  input: { readonly cluster: string },
): Promise<ExportedLog> {
  const { services } = context;
  const tx = readOnly(services.database);
  const { id: clusterId, name } = await findClusterFor(context, 'decision:verify', tx, input.cluster);
  const end = await readLogEnd(services.database, clusterId);
  await signEnd(services, clusterId, end);
  const all = await listCheckpoints(tx, clusterId);
  const checkpoints = all.filter(({ sequence }) => sequence <= end.sequence);
  return {
    cluster: name,
    clusterId,
    end,
    checkpoints,
    batches: batchesOf(services, clusterId, checkpoints, end),
  };
}

async function signEnd({ database, signing, now }: Services, clusterId: string, end: LogEnd): Promise<void> {
  if (end.sequence === 0n) return;
  const statement = { ...end, clusterId, kind: 'HEAD', signedAt: now() } as const;
  await insertCheckpoint(readOnly(database), (await signing.key()).sign(statement));
}

async function* batchesOf(
  { database }: Services,
  clusterId: string,
  checkpoints: readonly Checkpoint[],
  end: LogEnd,
): AsyncGenerator<LoggedBatch<ExportedDecision>> {
  const removedThrough = removalOf(checkpoints)?.sequence ?? 0n;
  const refuseRemoved = async (expected: bigint): Promise<void> => {
    const removal = removalOf(await listCheckpoints(readOnly(database), clusterId));
    if (removal === null || removal.sequence < expected) return;
    throw new PodgateError('UNAVAILABLE', 'Retention has removed what was being exported: export again', {
      retryAfterSeconds: 1,
    });
  };
  let expected = removedThrough + 1n;
  for await (const batch of readBatches(database, clusterId, removedThrough, end.sequence)) {
    if (batch.firstSequence > expected || batch.decisions.length === 0) await refuseRemoved(expected);
    yield batch;
    expected = batch.lastSequence + 1n;
  }
  if (expected <= end.sequence) await refuseRemoved(expected);
}
