import { Prisma } from '../generated/prisma/client.js';
import type { Tx } from './transaction.js';

/** Sequences of a segment. */
export const SEGMENT = 1024n;

/** Decisions folded at a time. */
export const AT_A_TIME = 20_000;

/** The logs that have decisions which aren't folded yet, or not into the counts of what ENFORCE would have refused. */
export async function findUnfolded(tx: Tx): Promise<readonly string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT h.cluster_id AS id FROM decision_heads h LEFT JOIN decision_folds f ON f.cluster_id = h.cluster_id
    WHERE h.last_sequence > coalesce(LEAST(f.folded_sequence, f.would_deny_sequence), 0)`;
  return rows.map(({ id }) => id);
}

/** What of a decision is counted and searched, for decisions between two sequences: `$after` < sequence <= `$through`. */
const fresh = (clusterId: string, after: Prisma.Sql, through: Prisma.Sql) => Prisma.sql`
  SELECT d.sequence, d.decided_at, d.allowed, d.code, d.source, d.namespace, d.kind, d.name, d.actor, d.controls,
    d.policy_version_id, p.name AS policy, v.number AS version, d.mutate_decision_id
  FROM decisions d
  LEFT JOIN policy_versions v ON v.id = d.policy_version_id
  LEFT JOIN policies p ON p.id = v.policy_id
  WHERE d.cluster_id = ${clusterId}::uuid AND d.sequence > ${after} AND d.sequence <= ${through}`;

/** Counts of the rows of `fresh`, in the columns of decision_counts. */
const COUNTED = Prisma.sql`
  SELECT resolution.name AS resolution, counted.dimension,
    date_trunc(resolution.name, fresh.decided_at, 'UTC') AS starts_at, counted.key,
    count(*) FILTER (WHERE fresh.allowed) AS admitted, count(*) FILTER (WHERE NOT fresh.allowed) AS denied
  FROM fresh
  CROSS JOIN (VALUES ('HOUR'), ('DAY')) AS resolution (name)
  CROSS JOIN LATERAL (
    SELECT 'TOTAL' AS dimension, '' AS key
    UNION ALL SELECT 'POLICY', fresh.policy_version_id::text WHERE fresh.policy_version_id IS NOT NULL
    UNION ALL SELECT 'CONTROL', unnest(fresh.controls)
    UNION ALL SELECT 'WORKLOAD', json_build_array(fresh.namespace, fresh.kind, fresh.name)::text WHERE NOT fresh.allowed
  ) AS counted
  -- The validation of a pod whose mutation is counted is the same creation.
  WHERE fresh.mutate_decision_id IS NULL
  GROUP BY 1, 2, 3, 4`;

/** Counts of the decisions of a log that aren't folded yet; to be read in one statement with those that are. */
export function unfoldedCounts(clusterId: string): Prisma.Sql {
  const folded = Prisma.sql`coalesce(
    (SELECT folded_sequence FROM decision_folds WHERE cluster_id = ${clusterId}::uuid), 0)`;
  const last = Prisma.sql`9223372036854775807`;
  return Prisma.sql`WITH fresh AS MATERIALIZED (${fresh(clusterId, folded, last)}) ${COUNTED}`;
}

/**
 * Brings the next part of a log into the tables that it is searched and counted with. To be run in a transaction; where
 * another process is at the same log, it does nothing. Tells whether there may be more.
 */
export async function foldDecisions(tx: Tx, clusterId: string): Promise<boolean> {
  await tx.$executeRaw`
    INSERT INTO decision_folds (cluster_id) VALUES (${clusterId}::uuid) ON CONFLICT DO NOTHING`;
  const [state] = await tx.$queryRaw<{ folded: bigint; last: bigint }[]>`
    SELECT f.folded_sequence AS folded, h.last_sequence AS last
    FROM decision_folds f JOIN decision_heads h ON h.cluster_id = f.cluster_id
    WHERE f.cluster_id = ${clusterId}::uuid FOR UPDATE OF f SKIP LOCKED`;
  if (state === undefined || state.last <= state.folded) return false;
  const most = state.folded + BigInt(AT_A_TIME);
  const through = state.last < most ? state.last : most;
  const rows = Prisma.sql`WITH fresh AS MATERIALIZED (
    ${fresh(clusterId, Prisma.sql`${state.folded}`, Prisma.sql`${through}`)})`;
  await tx.$executeRaw`${rows}
    INSERT INTO decision_counts (cluster_id, resolution, dimension, starts_at, key, admitted, denied)
    SELECT ${clusterId}::uuid, * FROM (${COUNTED}) AS counts
    ON CONFLICT (cluster_id, resolution, dimension, starts_at, key) DO UPDATE SET
      admitted = decision_counts.admitted + EXCLUDED.admitted, denied = decision_counts.denied + EXCLUDED.denied`;
  await tx.$executeRaw`${rows}
    INSERT INTO decision_segments (cluster_id, segment, first_decided_at, last_decided_at)
    SELECT ${clusterId}::uuid, sequence / ${SEGMENT}, min(decided_at), max(decided_at) FROM fresh GROUP BY 2
    ON CONFLICT (cluster_id, segment) DO UPDATE SET
      first_decided_at = LEAST(decision_segments.first_decided_at, EXCLUDED.first_decided_at),
      last_decided_at = GREATEST(decision_segments.last_decided_at, EXCLUDED.last_decided_at)`;
  await tx.$executeRaw`${rows}
    INSERT INTO decision_terms (cluster_id, term, segment)
    SELECT DISTINCT ${clusterId}::uuid, decision_term(dimension, value), sequence / ${SEGMENT}
    FROM fresh CROSS JOIN LATERAL (VALUES
      ('allowed', allowed::text), ('code', code), ('source', source), ('namespace', namespace), ('kind', kind),
      ('name', name), ('actor', actor), ('policy', policy), ('version', policy || chr(31) || version)
    ) AS term (dimension, value) WHERE value IS NOT NULL
    UNION
    SELECT ${clusterId}::uuid, decision_term('control', unnest(controls)), sequence / ${SEGMENT} FROM fresh
    ON CONFLICT DO NOTHING`;
  await tx.$executeRaw`
    UPDATE decision_folds SET folded_sequence = ${through} WHERE cluster_id = ${clusterId}::uuid`;
  return through < state.last;
}
