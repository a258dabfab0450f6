import type { Tx } from './transaction.js';

/** Names a request that may be sent again: a key belongs to the one who sends it and to the path. */
export interface IdempotencyKey {
  readonly actor: string;
  readonly path: string;
  readonly key: string;
}

/** What is known of a request that was sent before. */
export interface KnownRequest {
  /** Digest of body and query: another one under the same key is refused. */
  readonly requestHash: string;
  /** The first answer, before it was given a form; null while the first request is being worked on. */
  readonly result: string | null;
  /** When the key was taken. */
  readonly createdAt: Date;
}

/**
 * Takes a key for a new request; one older than `since` counts no more. Gives null when it is taken, else what is known
 * of the request that has it.
 */
export async function takeIdempotencyKey(
  tx: Tx,
  { actor, path, key }: IdempotencyKey,
  requestHash: string,
  since: Date,
): Promise<KnownRequest | null> {
  const taken = await tx.$executeRaw`
    INSERT INTO idempotency_keys (actor, path, key, request_hash, created_at)
    VALUES (${actor}, ${path}, ${key}, ${requestHash}, now())
    ON CONFLICT (actor, path, key) DO UPDATE
      SET request_hash = EXCLUDED.request_hash, result = NULL, created_at = EXCLUDED.created_at
      WHERE idempotency_keys.created_at < ${since}`;
  if (taken === 1) return null;
  const row = await tx.idempotencyKey.findUnique({ where: { actor_path_key: { actor, path, key } } });
  // Given back in between by a request that failed: it may be taken now.
  return row === null ? takeIdempotencyKey(tx, { actor, path, key }, requestHash, since) : row;
}

/** Keeps the first answer to a request. */
export async function keepIdempotentResult(tx: Tx, key: IdempotencyKey, result: string): Promise<void> {
  await tx.idempotencyKey.update({ where: { actor_path_key: { ...key } }, data: { result } });
}

/** Gives a key back, for a request that failed and may be sent again. */
export async function releaseIdempotencyKey(tx: Tx, key: IdempotencyKey): Promise<void> {
  await tx.idempotencyKey.deleteMany({ where: { ...key } });
}

/** Gives back a key that was taken at that moment by a request of which nothing more is to be expected. */
export async function dropAbandonedKey(
  tx: Tx,
  key: IdempotencyKey,
  { createdAt }: KnownRequest,
): Promise<void> {
  await tx.idempotencyKey.deleteMany({ where: { ...key, createdAt } });
}

/** Keys that are removed at a time: each has an answer, which may be large. */
const REMOVED_AT_A_TIME = 1_000;

/** Removes some of the keys that are older than `since`; tells whether there are more. */
export async function removeOldIdempotencyKeys(tx: Tx, since: Date): Promise<boolean> {
  const removed = await tx.$executeRaw`
    DELETE FROM idempotency_keys WHERE (actor, path, key) IN (
      SELECT actor, path, key FROM idempotency_keys WHERE created_at < ${since} LIMIT ${REMOVED_AT_A_TIME}
    ) AND created_at < ${since}`;
  return removed === REMOVED_AT_A_TIME;
}
