import type { Tx } from './transaction.js';

/** The channel on which the id of a cluster is sent, at commit, when what its pods are evaluated against has changed. */
export const GENERATION_CHANNEL = 'podgate_generation';

/**
 * Locks clusters for a change of what their pods are evaluated against, moves their generation, and gives the instant
 * from which the change is valid.
 *
 * The locks (NO KEY UPDATE: what merely refers to the cluster needn't wait) come in one order, the policy first where one
 * changes, then the clusters by id: so no two changes wait for each other. The instant is taken once every lock is held,
 * rounded up to a millisecond, and is later than that of any change before: whoever asks for a moment up to now, waiting
 * for the locks (policy-sets.ts), gets the answer that stays true for ever.
 */
export async function moveGenerations(
  tx: Tx,
  clusterIds: readonly string[],
  policyId: string | null,
): Promise<Date> {
  const ids = [...clusterIds];
  await tx.$queryRaw`SELECT id FROM clusters WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`;
  const [row] = await tx.$queryRaw<{ instant: Date }[]>`
    SELECT date_trunc('milliseconds', GREATEST(
      clock_timestamp(),
      (SELECT max(changed_at) FROM clusters WHERE id = ANY(${ids}::uuid[])),
      (SELECT max(created_at) FROM policy_versions WHERE policy_id = ${policyId}::uuid)
    )) + interval '1 millisecond' AS instant`;
  if (row === undefined) throw new Error('a SELECT without FROM gives one row');
  await tx.$executeRaw`
    UPDATE clusters SET generation = generation + 1, changed_at = ${row.instant} WHERE id = ANY(${ids}::uuid[])`;
  await tx.$executeRaw`SELECT pg_notify(${GENERATION_CHANNEL}, id) FROM unnest(${ids}::text[]) AS id`;
  return row.instant;
}
