import { v7 as uuidv7 } from 'uuid';
import type { WebhookSecret } from '../model/webhook-secret.js';
import { moveGenerations } from './generation.js';
import type { Tx } from './transaction.js';

/** Stores a secret's hash; the cluster's generation moves, so that every process reads the secrets again. */
export async function insertWebhookSecret(
  tx: Tx,
  clusterId: string,
  hash: Uint8Array,
  actor: string,
): Promise<WebhookSecret> {
  const createdAt = await moveGenerations(tx, [clusterId], null);
  const row = await tx.webhookSecret.create({
    data: { id: uuidv7(), clusterId, hash: new Uint8Array(hash), createdBy: actor, createdAt },
  });
  const { hash: _, ...secret } = row;
  return secret;
}

/** A cluster's secrets, newest first. */
export async function listWebhookSecrets(tx: Tx, clusterId: string): Promise<readonly WebhookSecret[]> {
  return tx.webhookSecret.findMany({
    where: { clusterId },
    orderBy: { id: 'desc' },
    omit: { hash: true },
  });
}

/** Revokes a secret of a cluster; null where it has none with this id that isn't revoked. */
export async function revokeWebhookSecret(
  tx: Tx,
  clusterId: string,
  id: string,
): Promise<WebhookSecret | null> {
  const revokedAt = await moveGenerations(tx, [clusterId], null);
  const where = { id, clusterId, revokedAt: null };
  const { count } = await tx.webhookSecret.updateMany({ where, data: { revokedAt } });
  if (count === 0) return null;
  return tx.webhookSecret.findUnique({ where: { id }, omit: { hash: true } });
}

/** The hashes, in hex, of a cluster's secrets that aren't revoked. */
export async function livingSecretHashes(tx: Tx, clusterId: string): Promise<readonly string[]> {
  const rows = await tx.webhookSecret.findMany({
    where: { clusterId, revokedAt: null },
    select: { hash: true },
  });
  return rows.map(({ hash }) => Buffer.from(hash).toString('hex'));
}
