import type { Checkpoint, CheckpointKind } from '../model/checkpoint.js';
import type { LogEnd } from '../model/verify-log.js';
import type { Tx } from './transaction.js';

/** The checkpoints of a cluster's log, oldest first. */
export async function listCheckpoints(tx: Tx, clusterId: string): Promise<readonly Checkpoint[]> {
  const rows = await tx.decisionCheckpoint.findMany({ where: { clusterId }, orderBy: { sequence: 'asc' } });
  return rows.map(({ digest, signature, kind, ...row }) => ({
    ...row,
    kind: kind as CheckpointKind, // the column has a CHECK of these
    digest: Buffer.from(digest),
    signature: Buffer.from(signature),
  }));
}

/** Stores a checkpoint; one of the same kind at the same place stays as it is. */
export async function insertCheckpoint(tx: Tx, checkpoint: Checkpoint): Promise<void> {
  const { clusterId, sequence, kind, digest, keyId, signature, signedAt } = checkpoint;
  await tx.$executeRaw`
    INSERT INTO decision_checkpoints (cluster_id, sequence, kind, digest, key_id, signature, signed_at)
    VALUES (${clusterId}::uuid, ${sequence}, ${kind}, ${digest}, ${keyId}, ${signature}, ${signedAt})
    ON CONFLICT DO NOTHING`;
}

/** A log and where it ends. */
export interface ClusterLogEnd extends LogEnd {
  readonly clusterId: string;
}

/** The logs that have grown since their last checkpoint. */
export async function findUnsignedEnds(tx: Tx): Promise<readonly ClusterLogEnd[]> {
  const rows = await tx.$queryRaw<{ clusterId: string; sequence: bigint; digest: Uint8Array }[]>`
    SELECT h.cluster_id AS "clusterId", h.last_sequence AS sequence, h.digest FROM decision_heads h
    WHERE h.last_sequence > coalesce(
      (SELECT max(c.sequence) FROM decision_checkpoints c WHERE c.cluster_id = h.cluster_id), 0)`;
  return rows.map((row) => ({ ...row, digest: Buffer.from(row.digest) }));
}

/** The logs of clusters whose retention has passed for their oldest decisions, and up to where; a part at a time. */
export async function findExpired(tx: Tx, now: Date): Promise<readonly ClusterLogEnd[]> {
  const rows = await tx.$queryRaw<{ clusterId: string; sequence: bigint; digest: Uint8Array }[]>`
    SELECT c.id AS "clusterId", expired.last_sequence AS sequence, expired.digest
    FROM clusters c CROSS JOIN LATERAL (
      SELECT last_sequence, digest, recorded_at FROM (
        SELECT last_sequence, digest, recorded_at FROM decision_batches
        WHERE cluster_id = c.id ORDER BY last_sequence LIMIT ${BATCHES_AT_A_TIME}
      ) AS oldest
      WHERE recorded_at < ${now}::timestamptz - make_interval(days => c.retention_days)
      ORDER BY last_sequence DESC LIMIT 1
    ) AS expired
    WHERE c.retention_days IS NOT NULL`;
  return rows.map((row) => ({ ...row, digest: Buffer.from(row.digest) }));
}

const BATCHES_AT_A_TIME = 20_000;

/** Removes what a REMOVAL checkpoint says, leaving the checkpoint; tells how many decisions that were. */
export async function removeDecisions(tx: Tx, checkpoint: Checkpoint): Promise<bigint> {
  const { clusterId, sequence, digest, keyId, signature, signedAt } = checkpoint;
  const [row] = await tx.$queryRaw<{ removed: bigint }[]>`
    SELECT remove_decisions(${clusterId}::uuid, ${sequence}, ${digest}, ${keyId}, ${signature}, ${signedAt}) AS removed`;
  return row?.removed ?? 0n;
}

/** Makes the partitions of this month and the given number of months after it. */
export async function ensurePartitions(tx: Tx, monthsAhead: number): Promise<void> {
  await tx.$executeRaw`SELECT ensure_decision_partitions(${monthsAhead}::int)`;
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
