import { Prisma } from '../generated/prisma/client.js';
import { SEGMENT } from './fold-decisions.js';
import type { Tx } from './transaction.js';

/** Batches that are deleted in a transaction. */
const BATCHES_AT_A_TIME = 10_000;

/** Deletes some of the batches of removed decisions; true where there may be more. */
export async function forgetBatches(tx: Tx): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ forgotten: bigint }[]>`
    SELECT forget_removed_batches(${BATCHES_AT_A_TIME}::int) AS forgotten`;
  return row?.forgotten === BigInt(BATCHES_AT_A_TIME);
}

/** Of each log the first segment that holds a decision still. */
const KEPT = Prisma.sql`kept AS MATERIALIZED (
  SELECT id AS cluster_id, (removed_through(id) + 1) / ${SEGMENT} AS segment FROM clusters)`;

/** Whether a log is still searched for decisions that are removed. */
export async function hasRemovedSegments(tx: Tx): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ found: boolean }[]>`WITH ${KEPT}
    SELECT EXISTS (
      SELECT FROM kept JOIN decision_segments s ON s.cluster_id = kept.cluster_id AND s.segment < kept.segment
    ) AS found`;
  return row?.found === true;
}

/** Pages of the table of terms that are looked through in a transaction. */
const PAGES_AT_A_TIME = 128;

/** Deletes the terms of removed segments in some pages of their table; gives the page to go on from, null after the last. */
export async function forgetTerms(tx: Tx, page: number): Promise<number | null> {
  const next = page + PAGES_AT_A_TIME;
  await tx.$executeRaw`WITH ${KEPT}
    DELETE FROM decision_terms t USING kept
    WHERE t.cluster_id = kept.cluster_id AND t.segment < kept.segment
      AND t.ctid >= ${`(${page},0)`}::text::tid AND t.ctid < ${`(${next},0)`}::text::tid`;
  const [table] = await tx.$queryRaw<{ pages: number }[]>`
    SELECT (pg_relation_size('decision_terms') / current_setting('block_size')::int)::int AS pages`;
  return next < (table?.pages ?? 0) ? next : null;
}

/** Deletes the removed segments, whose terms are to be deleted before: as long as there is a segment, there may be terms. */
export async function forgetSegments(tx: Tx): Promise<void> {
  await tx.$executeRaw`WITH ${KEPT}
    DELETE FROM decision_segments s USING kept WHERE s.cluster_id = kept.cluster_id AND s.segment < kept.segment`;
}
