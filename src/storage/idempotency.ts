import type { Tx } from './transaction.js';

/** Names a request that may be sent again: a key belongs to the one who sends it and to the path. */
export interface IdempotencyKey {
  readonly actor: string;
  readonly path: string;
  readonly key: string;
}

/**
 * A key in the hands of one request. Another request takes it over at a later moment, so the moment tells whose it is.
 */
export interface HeldKey extends IdempotencyKey {
  /** When it was taken, or its answer kept: the last sign of life. */
  readonly heldSince: Date;
}

/** What is known of a request that was sent before. */
export interface KnownRequest {
  /** Digest of body and query: another one under the same key is refused. */
  readonly requestHash: string;
  /** The first answer, before it was given a form; null while the first request is being worked on. */
  readonly result: string | null;
  readonly held: HeldKey;
  /** Milliseconds since `heldSince`, by the database's clock: those of the servers may differ. */
  readonly age: number;
}

/** The key, or what is known of the request that has it. */
export type TakenKey = { readonly held: HeldKey } | { readonly known: KnownRequest };

/** Takes a key for a new request; one older than so many milliseconds counts no more. */
export async function takeIdempotencyKey(
  tx: Tx,
  owned: IdempotencyKey,
  requestHash: string,
  remembered: number,
): Promise<TakenKey> {
  const { actor, path, key } = owned;
  const [taken] = await tx.$queryRaw<{ heldSince: Date }[]>`
    INSERT INTO idempotency_keys (actor, path, key, request_hash, created_at)
    VALUES (${actor}, ${path}, ${key}, ${requestHash}, now())
    ON CONFLICT (actor, path, key) DO UPDATE
      SET request_hash = EXCLUDED.request_hash, result = NULL, created_at = EXCLUDED.created_at
      WHERE idempotency_keys.created_at < now() - ${remembered}::float8 * interval '1 millisecond'
    RETURNING created_at AS "heldSince"`;
  if (taken !== undefined) return { held: { ...owned, ...taken } };
  const [row] = await tx.$queryRaw<(Omit<KnownRequest, 'held'> & { heldSince: Date })[]>`
    SELECT request_hash AS "requestHash", result, created_at AS "heldSince",
      (extract(epoch FROM now() - created_at) * 1000)::float8 AS age
    FROM idempotency_keys WHERE actor = ${actor} AND path = ${path} AND key = ${key}`;
  // Given back in between by a request that failed: it may be taken now.
  if (row === undefined) return takeIdempotencyKey(tx, owned, requestHash, remembered);
  const { heldSince, ...known } = row;
  return { known: { ...known, held: { ...owned, heldSince } } };
}

/**
 * Keeps the first answer to a request and gives the key as it is held from then on; null, and nothing is kept, where
 * another request has it by now. Its age begins anew: what is left to do, the recording, has all the time that the
 * request had.
 */
export async function keepIdempotentResult(
  tx: Tx,
  { heldSince, ...owned }: HeldKey,
  result: string,
): Promise<HeldKey | null> {
  const [kept] = await tx.$queryRaw<{ heldSince: Date }[]>`
    UPDATE idempotency_keys SET result = ${result}, created_at = now()
    WHERE actor = ${owned.actor} AND path = ${owned.path} AND key = ${owned.key} AND created_at = ${heldSince}
    RETURNING created_at AS "heldSince"`;
  return kept === undefined ? null : { ...owned, ...kept };
}

/**
 * Gives a key back, for a request that failed and may be sent again, or of which nothing more is to be expected. One that
 * another request has by now stays with it.
 */
export async function releaseIdempotencyKey(tx: Tx, { heldSince, ...owned }: HeldKey): Promise<void> {
  await tx.idempotencyKey.deleteMany({ where: { ...owned, createdAt: heldSince } });
}

/** Keys that are removed at a time: each has an answer, which may be large. */
const REMOVED_AT_A_TIME = 1_000;

/** Removes some of the keys that are older than so many milliseconds; tells whether there are more. */
export async function removeOldIdempotencyKeys(tx: Tx, remembered: number): Promise<boolean> {
  const removed = await tx.$executeRaw`
    DELETE FROM idempotency_keys WHERE (actor, path, key) IN (
      SELECT actor, path, key FROM idempotency_keys
      WHERE created_at < now() - ${remembered}::float8 * interval '1 millisecond' LIMIT ${REMOVED_AT_A_TIME}
    ) AND created_at < now() - ${remembered}::float8 * interval '1 millisecond'`;
  return removed === REMOVED_AT_A_TIME;
}
