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

/** Makes the partitions of this month and the given number of months after it. */
export async function ensurePartitions(tx: Tx, monthsAhead: number): Promise<void> {
  await tx.$executeRaw`SELECT ensure_decision_partitions(${monthsAhead}::int)`;
}
