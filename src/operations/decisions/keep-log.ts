import { ensurePartitions, findUnsignedEnds, insertCheckpoint } from '../../storage/checkpoints.js';
import { findUnfolded, foldDecisions } from '../../storage/fold-decisions.js';
import { foldWouldDenies } from '../../storage/fold-would-denies.js';
import { inTransaction, readOnly } from '../../storage/transaction.js';
import type { Services } from '../context.js';

/** What keeping the log works with. */
export type LogKeeping = Pick<Services, 'database' | 'signing' | 'now'>;

/** Partitions that are made ahead, in months. */
const MONTHS_AHEAD = 3;

/** Signs where each log that has grown ends, so that its end can't be cut off unnoticed. */
export async function signCheckpoints({ database, signing, now }: LogKeeping): Promise<void> {
  const tx = readOnly(database);
  const key = await signing.key();
  for (const end of await findUnsignedEnds(tx)) {
    await insertCheckpoint(tx, key.sign({ ...end, kind: 'HEAD', signedAt: now() }));
  }
}

/** For those who wait until all is done. */
export const NEVER_STOPPED = new AbortController().signal;

/**
 * Brings what was recorded into the tables that the logs are searched and counted with. Ends between two transactions
 * where it is told to stop.
 */
export async function foldLogs(
  { database }: Pick<LogKeeping, 'database'>,
  stop: AbortSignal = NEVER_STOPPED,
): Promise<void> {
  for (const clusterId of await findUnfolded(readOnly(database))) {
    for (const fold of [foldDecisions, foldWouldDenies]) {
      while (!stop.aborted && (await inTransaction(database, (tx) => fold(tx, clusterId))));
    }
  }
}

/** Makes the partitions of the months to come. */
export function makePartitions({ database }: Pick<LogKeeping, 'database'>): Promise<void> {
  return ensurePartitions(readOnly(database), MONTHS_AHEAD);
}
