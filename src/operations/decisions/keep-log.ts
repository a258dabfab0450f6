import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckpointKind, CheckpointStatement } from '../../model/checkpoint.js';
import {
  type ClusterLogEnd,
  dropEmptyPartition,
  ensurePartitions,
  findExpired,
  findUnsignedEnds,
  insertCheckpoint,
  removeDecisions,
} from '../../storage/checkpoints.js';
import { findUnfolded, foldDecisions, unfoldThrough } from '../../storage/fold-decisions.js';
import { foldWouldDenies } from '../../storage/fold-would-denies.js';
import { inLongTransaction, inTransaction, readOnly } from '../../storage/transaction.js';
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
    await insertCheckpoint(tx, key.sign(statement(end, 'HEAD', now())));
  }
}

/**
 * Removes the decisions whose cluster's retention has passed, whole batches at a time, and tells how many. A signed
 * checkpoint of where each log now begins is left in the same transaction.
 */
export async function removeExpired({ database, signing, now }: LogKeeping): Promise<bigint> {
  let removed = 0n;
  const key = await signing.key();
  for (let more = true; more; ) {
    const expired = await findExpired(readOnly(database), now());
    for (const end of expired) {
      const checkpoint = key.sign(statement(end, 'REMOVAL', now()));
      removed += await inLongTransaction(database, async (tx) => {
        await unfoldThrough(tx, end.clusterId, end.sequence);
        return removeDecisions(tx, checkpoint);
      });
    }
    more = expired.length > 0;
  }
  return removed;
}

/** How often it is tried to drop a partition, and how long is waited in between, in milliseconds. */
const DROP_ATTEMPTS = 100;
const DROP_PAUSE_MS = 50;

/**
 * Drops the partitions of the past in which nothing is left, and tells how many. Each needs a moment in which nobody is
 * at the log; where none is found in a while, the partition stays, empty, until the next time.
 */
export async function dropEmptyPartitions({ database }: Pick<LogKeeping, 'database'>): Promise<number> {
  let dropped = 0;
  for (let attempt = 0; attempt < DROP_ATTEMPTS; attempt += 1) {
    const outcome = await dropEmptyPartition(readOnly(database));
    if (outcome === null) break;
    if (outcome) dropped += 1;
    else await sleep(DROP_PAUSE_MS);
  }
  return dropped;
}

/** Brings what was recorded into the tables that the logs are searched and counted with. */
export async function foldLogs({ database }: Pick<LogKeeping, 'database'>): Promise<void> {
  for (const clusterId of await findUnfolded(readOnly(database))) {
    while (await inTransaction(database, (tx) => foldDecisions(tx, clusterId)));
    while (await inTransaction(database, (tx) => foldWouldDenies(tx, clusterId)));
  }
}

/** Makes the partitions of the months to come. */
export function makePartitions({ database }: Pick<LogKeeping, 'database'>): Promise<void> {
  return ensurePartitions(readOnly(database), MONTHS_AHEAD);
}

function statement(
  { clusterId, sequence, digest }: ClusterLogEnd,
  kind: CheckpointKind,
  signedAt: Date,
): CheckpointStatement {
  return { clusterId, kind, sequence, digest, signedAt };
}
