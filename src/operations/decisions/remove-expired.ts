import { setTimeout as sleep } from 'node:timers/promises';
import type { Checkpoint, SigningKey } from '../../model/checkpoint.js';
import type { ClusterLogEnd } from '../../storage/checkpoints.js';
import {
  forgetBatches,
  forgetSegments,
  forgetTerms,
  hasRemovedSegments,
} from '../../storage/forget-removed.js';
import {
  dropEmptyPartition,
  findExpired,
  findExpiredPartition,
  removeDecisions,
  removePartition,
} from '../../storage/remove-decisions.js';
import { inLongTransaction, readOnly } from '../../storage/transaction.js';
import { type LogKeeping, NEVER_STOPPED } from './keep-log.js';

/**
 * Removes the decisions whose cluster's retention has passed, and tells how many: partitions in which everything has
 * expired at once, the others in parts, whole batches at a time. With each goes a signed checkpoint of where the log now
 * begins, in the same transaction; what it leaves behind in other tables is cleared away at the end, or the next time.
 * Ends between two transactions where it is told to stop.
 */
export async function removeExpired(keeping: LogKeeping, stop: AbortSignal = NEVER_STOPPED): Promise<bigint> {
  const { database, signing, now } = keeping;
  const key = await signing.key();
  let removed = 0n;
  for (let more = true; more && !stop.aborted; ) {
    removed += await removeWholePartitions(keeping, key, stop);
    const expired = await findExpired(readOnly(database), now());
    for (const end of expired) {
      if (stop.aborted) break;
      const checkpoint = removalOf(key, end, now());
      removed += await inLongTransaction(database, (tx) => removeDecisions(tx, checkpoint));
    }
    more = expired.length > 0;
  }
  await forgetRemoved(keeping, stop);
  return removed;
}

/** How often it is tried to get at a partition, and how long is waited in between, in milliseconds. */
const REMOVE_ATTEMPTS = 3;
const REMOVE_PAUSE_MS = 200;

/** Where somebody stays at a partition, it is left to be emptied in parts: a part at a time, until it is free. */
async function removeWholePartitions(
  { database, now }: LogKeeping,
  key: SigningKey,
  stop: AbortSignal,
): Promise<bigint> {
  let removed = 0n;
  for (let attempt = 0; attempt < REMOVE_ATTEMPTS && !stop.aborted; ) {
    const found = await findExpiredPartition(readOnly(database), now());
    if (found === null) break;
    const checkpoints = found.ends.map((end) => removalOf(key, end, now()));
    const outcome = await removePartition(readOnly(database), found.name, checkpoints);
    if (outcome === null) {
      attempt += 1;
      await sleep(REMOVE_PAUSE_MS);
    } else removed += outcome;
  }
  return removed;
}

/** Clears away what only tells of removed decisions: batches, and where in the log to search. What was counted stays. */
async function forgetRemoved({ database }: LogKeeping, stop: AbortSignal): Promise<void> {
  const tx = readOnly(database);
  while (!stop.aborted && (await forgetBatches(tx)));
  if (stop.aborted || !(await hasRemovedSegments(tx))) return;
  for (let page: number | null = 0; page !== null; ) {
    if (stop.aborted) return;
    page = await forgetTerms(tx, page);
  }
  await forgetSegments(tx);
}

function removalOf(key: SigningKey, end: ClusterLogEnd, signedAt: Date): Checkpoint {
  return key.sign({ ...end, kind: 'REMOVAL', signedAt });
}

/** How often it is tried to drop a partition, and how long is waited in between, in milliseconds. */
const DROP_ATTEMPTS = 100;
const DROP_PAUSE_MS = 50;

/**
 * Drops the partitions of the past in which nothing is left, and tells how many. Each needs a moment in which nobody is
 * at the log; where none is found in a while, the partition stays, empty, until the next time.
 */
export async function dropEmptyPartitions(
  { database }: Pick<LogKeeping, 'database'>,
  stop: AbortSignal = NEVER_STOPPED,
): Promise<number> {
  let dropped = 0;
  for (let attempt = 0; attempt < DROP_ATTEMPTS && !stop.aborted; attempt += 1) {
    const outcome = await dropEmptyPartition(readOnly(database));
    if (outcome === null) break;
    if (outcome) dropped += 1;
    else await sleep(DROP_PAUSE_MS);
  }
  return dropped;
}
