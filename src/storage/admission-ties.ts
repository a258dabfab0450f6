import type { Database } from './database.js';
import { translateError } from './errors.js';

/** Seconds in which a mutation is found: longer than an API server waits between its two phases (30 at most a webhook). */
const FOUND_SECONDS = 30;

type Pool = Pick<Database, 'pool'>;

/** Gives the oldest decision that was noted about such a pod, and forgets it; null where there is none. Throws UNAVAILABLE. */
export async function takeTie({ pool }: Pool, key: Buffer): Promise<string | null> {
  const text = `
    DELETE FROM admission_ties WHERE decision_id = (
      SELECT decision_id FROM admission_ties
      WHERE key = $1 AND noted_at > now() - interval '${FOUND_SECONDS} seconds'
      ORDER BY noted_at, decision_id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING decision_id`;
  return firstOf(await inWords(pool.query<Tie>({ name: 'take-tie', text, values: [key] })));
}

/** Gives the latest decision that was noted about such a pod; null where there is none. Throws UNAVAILABLE. */
export async function latestTie({ pool }: Pool, key: Buffer): Promise<string | null> {
  const text = `
    SELECT decision_id FROM admission_ties
    WHERE key = $1 AND noted_at > now() - interval '${FOUND_SECONDS} seconds'
    ORDER BY noted_at DESC, decision_id DESC LIMIT 1`;
  return firstOf(await inWords(pool.query<Tie>({ name: 'latest-tie', text, values: [key] })));
}

/** Removes what is found no more. Throws UNAVAILABLE. */
export async function deleteOldTies({ pool }: Pool): Promise<void> {
  await inWords(
    pool.query(`DELETE FROM admission_ties WHERE noted_at < now() - interval '${2 * FOUND_SECONDS} seconds'`),
  );
}

interface Tie {
  readonly decision_id: string;
}

function firstOf({ rows }: { readonly rows: readonly Tie[] }): string | null {
  return rows[0]?.decision_id ?? null;
}

async function inWords<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    throw translateError(error);
  }
}
