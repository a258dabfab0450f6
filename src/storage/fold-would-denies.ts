import { Prisma } from '../generated/prisma/client.js';
import { AT_A_TIME } from './fold-decisions.js';
import type { Tx } from './transaction.js';

/**
 * Whether mode ENFORCE would have refused what the decision `d` let through; never null. The validation of a pod whose
 * mutation was let through too is the same creation.
 */
export const WOULD_DENY = Prisma.sql`(NOT d.allowed AND coalesce(d.mode, 'ENFORCE') <> 'ENFORCE' AND d.mutate_decision_id IS NULL)`;

/** Counts, in the columns of decision_would_denies, of decisions between two sequences: `after` < sequence <= `through`. */
const counted = (clusterId: string, after: Prisma.Sql, through: Prisma.Sql) => Prisma.sql`
  SELECT resolution.name AS resolution, date_trunc(resolution.name, d.decided_at, 'UTC') AS starts_at, d.namespace,
    counted.dimension, counted.key, count(*) AS pods
  FROM decisions d
  CROSS JOIN (VALUES ('HOUR'), ('DAY')) AS resolution (name)
  CROSS JOIN LATERAL (
    SELECT 'TOTAL' AS dimension, '' AS key
    UNION ALL SELECT 'CONTROL', unnest(d.controls)
    UNION ALL SELECT 'WORKLOAD', json_build_array(d.namespace, d.kind, d.name)::text
  ) AS counted
  WHERE d.cluster_id = ${clusterId}::uuid AND d.sequence > ${after} AND d.sequence <= ${through} AND ${WOULD_DENY}
  GROUP BY 1, 2, 3, 4, 5`;

/** Counts of what isn't folded yet; to be read in one statement with those that are. */
export function unfoldedWouldDenies(clusterId: string): Prisma.Sql {
  const folded = Prisma.sql`coalesce(
    (SELECT would_deny_sequence FROM decision_folds WHERE cluster_id = ${clusterId}::uuid), 0)`;
  return counted(clusterId, folded, Prisma.sql`9223372036854775807`);
}

/**
 * Counts what ENFORCE would have refused in the next part of a log. To be run in a transaction, after foldDecisions; where
 * another process is at the same log, it does nothing. Tells whether there may be more.
 */
export async function foldWouldDenies(tx: Tx, clusterId: string): Promise<boolean> {
  const [state] = await tx.$queryRaw<{ folded: bigint; last: bigint }[]>`
    SELECT f.would_deny_sequence AS folded, h.last_sequence AS last
    FROM decision_folds f JOIN decision_heads h ON h.cluster_id = f.cluster_id
    WHERE f.cluster_id = ${clusterId}::uuid FOR UPDATE OF f SKIP LOCKED`;
  if (state === undefined || state.last <= state.folded) return false;
  const most = state.folded + BigInt(AT_A_TIME);
  const through = state.last < most ? state.last : most;
  await tx.$executeRaw`
    INSERT INTO decision_would_denies (cluster_id, resolution, starts_at, namespace, dimension, key, pods)
    SELECT ${clusterId}::uuid, * FROM (
      ${counted(clusterId, Prisma.sql`${state.folded}`, Prisma.sql`${through}`)}) AS counts
    ON CONFLICT (cluster_id, resolution, starts_at, namespace, dimension, key) DO UPDATE SET
      pods = decision_would_denies.pods + EXCLUDED.pods`;
  await tx.$executeRaw`
    UPDATE decision_folds SET would_deny_sequence = ${through} WHERE cluster_id = ${clusterId}::uuid`;
  return through < state.last;
}
