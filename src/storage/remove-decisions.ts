import type { Checkpoint } from '../model/checkpoint.js';
import type { ClusterLogEnd } from './checkpoints.js';
import type { Tx } from './transaction.js';

/** A partition of the log in which everything has expired. */
export interface ExpiredPartition {
  readonly name: string;
  /** Of each log that has decisions in it: the end of the batch that the last of them is in. */
  readonly ends: readonly ClusterLogEnd[];
}

/** Decisions of other partitions that may be removed together with one that is removed whole. */
const MOST_ELSEWHERE = 1_000;

/** The oldest partition of the past in which every log's retention has passed; null where there is none. */
export async function findExpiredPartition(tx: Tx, now: Date): Promise<ExpiredPartition | null> {
  const rows = await tx.$queryRaw<(EndRow & { name: string })[]>`
    SELECT of_partition AS name, of_cluster AS "clusterId", through AS sequence, through_digest AS digest
    FROM expired_decision_partition(${now}::timestamptz, ${MOST_ELSEWHERE}::int)`;
  const [first] = rows;
  return first === undefined ? null : { name: first.name, ends: rows.map(toEnd) };
}

/**
 * Removes a partition's decisions at once and those before the checkpoints, of which it has one for each of its ends,
 * elsewhere; tells how many that were. Null, and nothing is removed, where somebody is at the partition for longer than
 * a moment, or it is no longer what was found.
 */
export async function removePartition(
  tx: Tx,
  name: string,
  checkpoints: readonly Checkpoint[],
): Promise<bigint | null> {
  const given = checkpoints.map(({ clusterId, sequence, digest, keyId, signature, signedAt }) => ({
    cluster_id: clusterId,
    sequence: String(sequence),
    digest: bytea(digest),
    key_id: keyId,
    signature: bytea(signature),
    signed_at: signedAt,
  }));
  const [row] = await tx.$queryRaw<{ removed: bigint | null }[]>`
    SELECT remove_decision_partition(${name}, ${JSON.stringify(given)}::json) AS removed`;
  return row?.removed ?? null;
}

/** Decisions that are removed one by one in a transaction; a single batch may have more. */
const ROWS_AT_A_TIME = 10_000;

/** The logs of clusters whose retention has passed for their oldest decisions, and up to where; a part at a time. */
export async function findExpired(tx: Tx, now: Date): Promise<readonly ClusterLogEnd[]> {
  const rows = await tx.$queryRaw<EndRow[]>`
    SELECT c.id AS "clusterId", expired.last_sequence AS sequence, expired.digest
    FROM clusters c CROSS JOIN removed_through(c.id) AS removed CROSS JOIN LATERAL (
      SELECT last_sequence, digest FROM (
        SELECT first_sequence, last_sequence, digest, recorded_at FROM decision_batches
        WHERE cluster_id = c.id AND last_sequence > removed ORDER BY last_sequence LIMIT ${ROWS_AT_A_TIME}
      ) AS oldest
      WHERE recorded_at < ${now}::timestamptz - make_interval(days => c.retention_days)
        AND (last_sequence <= removed + ${ROWS_AT_A_TIME} OR first_sequence <= removed + 1)
      ORDER BY last_sequence DESC LIMIT 1
    ) AS expired
    WHERE c.retention_days IS NOT NULL`;
  return rows.map(toEnd);
}

/** Removes what a REMOVAL checkpoint says one by one, leaving the checkpoint; tells how many decisions that were. */
export async function removeDecisions(tx: Tx, checkpoint: Checkpoint): Promise<bigint> {
  const { clusterId, sequence, digest, keyId, signature, signedAt } = checkpoint;
  const [row] = await tx.$queryRaw<{ removed: bigint }[]>`
    SELECT remove_decisions(${clusterId}::uuid, ${sequence}, ${digest}, ${keyId}, ${signature}, ${signedAt}) AS removed`;
  return row?.removed ?? 0n;
}

/**
 * Drops a partition of the past in which nothing is left, if nobody is at the log in this moment: it waits for nobody.
 * True where it did, false where somebody is, null where there is none.
 */
export async function dropEmptyPartition(tx: Tx): Promise<boolean | null> {
  const [row] = await tx.$queryRaw<{ dropped: boolean | null }[]>`
    SELECT drop_empty_decision_partition() AS dropped`;
  return row?.dropped ?? null;
}

interface EndRow {
  readonly clusterId: string;
  readonly sequence: bigint;
  readonly digest: Uint8Array;
}

function toEnd({ clusterId, sequence, digest }: EndRow): ClusterLogEnd {
  return { clusterId, sequence, digest: Buffer.from(digest) };
}

/** As PostgreSQL reads bytes in a text. */
function bytea(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`;
}
