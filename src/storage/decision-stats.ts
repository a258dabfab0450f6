import { type DecisionStats, type StatsInterval, TOP } from '../model/decision-stats.js';
import { unfoldedCounts } from './fold-decisions.js';
import type { Tx } from './transaction.js';

interface Row {
  readonly dimension: 'TOTAL' | 'CONTROL' | 'WORKLOAD' | 'POLICY';
  /** Of TOTAL the interval's beginning, else null. */
  readonly startsAt: Date | null;
  readonly key: string;
  readonly policy: string | null;
  readonly version: number | null;
  readonly admitted: bigint;
  readonly denied: bigint;
}

/** What was counted in these intervals (`since` and `until` are beginnings); `intervals` lacks those without decisions. */
export async function readDecisionStats(
  tx: Tx,
  clusterId: string,
  interval: StatsInterval,
  since: Date,
  until: Date,
): Promise<Omit<DecisionStats, 'cluster' | 'since' | 'until' | 'interval'>> {
  // One statement, so that what is folded meanwhile is neither missed nor counted twice.
  const rows = await tx.$queryRaw<Row[]>`
    WITH counts AS (
      SELECT resolution, dimension, starts_at, key, admitted, denied FROM decision_counts
      WHERE cluster_id = ${clusterId}::uuid AND resolution = ${interval} AND starts_at >= ${since} AND starts_at < ${until}
      UNION ALL SELECT * FROM (${unfoldedCounts(clusterId)}) AS unfolded
      WHERE resolution = ${interval} AND starts_at >= ${since} AND starts_at < ${until}
    ), summed AS (
      SELECT dimension, CASE dimension WHEN 'TOTAL' THEN starts_at END AS starts_at, key,
        sum(admitted)::bigint AS admitted, sum(denied)::bigint AS denied
      FROM counts GROUP BY 1, 2, 3
    ), ranked AS (
      SELECT *, row_number() OVER (
        PARTITION BY dimension ORDER BY CASE dimension WHEN 'POLICY' THEN admitted ELSE denied END DESC, key
      ) AS place FROM summed
    )
    SELECT ranked.dimension, ranked.starts_at AS "startsAt", ranked.key, p.name AS policy, v.number AS version,
      ranked.admitted, ranked.denied
    FROM ranked
    LEFT JOIN policy_versions v ON ranked.dimension = 'POLICY' AND v.id = CASE ranked.dimension WHEN 'POLICY' THEN ranked.key::uuid END
    LEFT JOIN policies p ON p.id = v.policy_id
    WHERE ranked.dimension = 'TOTAL' OR ranked.place <= ${TOP}
    ORDER BY ranked.starts_at, ranked.place`;
  const of = (dimension: Row['dimension']) => rows.filter((row) => row.dimension === dimension);
  const totals = of('TOTAL').flatMap(({ startsAt, admitted, denied }) =>
    startsAt === null ? [] : [{ startsAt, admitted: Number(admitted), denied: Number(denied) }],
  );
  return {
    admitted: totals.reduce((sum, { admitted }) => sum + admitted, 0),
    denied: totals.reduce((sum, { denied }) => sum + denied, 0),
    intervals: totals,
    topControls: of('CONTROL').map(({ key, denied }) => ({ control: key, denied: Number(denied) })),
    topDeniedWorkloads: of('WORKLOAD').map(({ key, denied }) => {
      // The key is written by fold-decisions.ts alone.
      const [namespace, kind, name] = JSON.parse(key) as [string, string, string];
      return { namespace, kind, name, denied: Number(denied) };
    }),
    policies: of('POLICY').flatMap(({ policy, version, admitted }) =>
      policy === null || version === null ? [] : [{ policy, version, admitted: Number(admitted) }],
    ),
  };
}
