import { Prisma } from '../generated/prisma/client.js';
import { type StatsInterval, TOP, type WouldDenyStats } from '../model/decision-stats.js';
import { unfoldedWouldDenies } from './fold-would-denies.js';
import { storableText } from './storable.js';
import type { Tx } from './transaction.js';

interface Row {
  readonly dimension: 'TOTAL' | 'NAMESPACE' | 'CONTROL' | 'WORKLOAD';
  /** Of TOTAL the interval's beginning, else null. */
  readonly startsAt: Date | null;
  readonly key: string;
  readonly denied: bigint;
}

/**
 * What ENFORCE would have refused in these intervals (`since` and `until` are beginnings), in one namespace or, for null,
 * in all; `intervals` lacks those without.
 */
export async function readWouldDenyStats(
  tx: Tx,
  clusterId: string,
  interval: StatsInterval,
  since: Date,
  until: Date,
  namespace: string | null,
): Promise<WouldDenyStats> {
  const there = namespace === null ? Prisma.empty : Prisma.sql`AND namespace = ${storableText(namespace)}`;
  const wanted = Prisma.sql`resolution = ${interval} AND starts_at >= ${since} AND starts_at < ${until} ${there}`;
  // One statement, so that what is folded meanwhile is neither missed nor counted twice.
  const rows = await tx.$queryRaw<Row[]>`
    WITH counts AS (
      SELECT starts_at, namespace, dimension, key, pods FROM decision_would_denies
      WHERE cluster_id = ${clusterId}::uuid AND ${wanted}
      UNION ALL SELECT starts_at, namespace, dimension, key, pods FROM (${unfoldedWouldDenies(clusterId)}) AS unfolded
      WHERE ${wanted}
    ), summed AS (
      SELECT dimension, CASE dimension WHEN 'TOTAL' THEN starts_at END AS starts_at, key, sum(pods)::bigint AS pods
      FROM counts GROUP BY 1, 2, 3
      UNION ALL SELECT 'NAMESPACE', NULL, namespace, sum(pods)::bigint FROM counts WHERE dimension = 'TOTAL' GROUP BY namespace
    ), ranked AS (
      SELECT *, row_number() OVER (PARTITION BY dimension ORDER BY pods DESC, key) AS place FROM summed
    )
    SELECT dimension, starts_at AS "startsAt", key, pods AS denied FROM ranked
    WHERE dimension = 'TOTAL' OR place <= ${TOP} ORDER BY starts_at, place`;
  const of = (dimension: Row['dimension']) =>
    rows.flatMap(({ key, denied, ...row }) =>
      row.dimension === dimension ? [{ ...row, key, denied: Number(denied) }] : [],
    );
  const intervals = of('TOTAL').flatMap(({ startsAt, denied }) =>
    startsAt === null ? [] : [{ startsAt, denied }],
  );
  return {
    denied: intervals.reduce((sum, { denied }) => sum + denied, 0),
    intervals,
    namespaces: of('NAMESPACE').map(({ key, denied }) => ({ namespace: key, denied })),
    topControls: of('CONTROL').map(({ key, denied }) => ({ control: key, denied })),
    topWorkloads: of('WORKLOAD').map(({ key, denied }) => {
      // The key is written by fold-would-denies.ts alone.
      const [workloadNamespace, kind, name] = JSON.parse(key) as [string, string, string];
      return { namespace: workloadNamespace, kind, name, denied };
    }),
  };
}
