import { Prisma } from '../generated/prisma/client.js';
import type { Decision, DecisionFilter, DecisionOrder } from '../model/decision.js';
import { encodeCursor, type Page, type PageRequest, pageOf } from '../model/page.js';
import type { Descent } from './cursors.js';
import { type DecisionRow, selectDecisions, toDecision } from './decisions.js';
import { descentSql, type ItemOf, type PagesByParent, pagesOf } from './pages-of.js';
import { conditionsOf, listOfDecisions, sequenceAfter } from './search-decisions.js';
import type { Tx } from './transaction.js';

/** The same page of the decisions of each of these clusters; its cursors are those of `pageDecisions`. */
export function decisionPagesOf(
  tx: Tx,
  clusterIds: readonly string[],
  filter: DecisionFilter,
  order: DecisionOrder,
  page: PageRequest,
): Promise<PagesByParent<Decision>> {
  const listOf = (clusterId: string) => listOfDecisions(clusterId, filter, order);
  return pagesOf<Decision, bigint>(clusterIds, {
    descent: (clusterId) => descentBySequence(listOf(clusterId), page, order),
    pageOf: (clusterId, decisions) => pageBySequence(listOf(clusterId), decisions, page),
    async read(ids, descent) {
      const { beyond } = descentSql(descent, 'd.sequence', 'bigint');
      const wanted = conditionsOf(filter).map((condition) => Prisma.sql`AND ${condition}`);
      const where = Prisma.sql`d.cluster_id = parent.id ${Prisma.join([Prisma.empty, ...wanted], ' ')} ${beyond}`;
      const rows = await tx.$queryRaw<RowOf[]>`
        SELECT parent.id AS "parentId", page.* FROM unnest(${[...ids]}::uuid[]) AS parent (id)
        CROSS JOIN LATERAL (${spanOf(descent, where)}) page
        ${descentSql(descent, 'page.sequence', 'bigint').ordered}`;
      return rows.map(toItem);
    },
  });
}

/** The same page, newest first, of the decisions about workloads of each stored workload's cluster, namespace, kind and name. */
export function podSpecDecisionPagesOf(
  tx: Tx,
  podSpecIds: readonly string[],
  page: PageRequest,
): Promise<PagesByParent<Decision>> {
  const listOf = (podSpecId: string) => `pod-spec-decisions:${podSpecId}`;
  return pagesOf<Decision, bigint>(podSpecIds, {
    descent: (podSpecId) => descentBySequence(listOf(podSpecId), page, 'newest'),
    pageOf: (podSpecId, decisions) => pageBySequence(listOf(podSpecId), decisions, page),
    async read(ids, descent) {
      const { beyond } = descentSql(descent, 'd.sequence', 'bigint');
      // The index finds the key; that it is the workload's own and no other's of the same key is said beside it.
      const where = Prisma.sql`d.cluster_id = s.cluster_id
        AND workload_key(d.namespace, d.kind, d.name) = workload_key(s.namespace, s.kind, s.name)
        AND (d.namespace, d.kind, d.name) = (s.namespace, s.kind, s.name) ${beyond}`;
      const rows = await tx.$queryRaw<RowOf[]>`
        SELECT s.id AS "parentId", page.* FROM pod_specs s
        CROSS JOIN LATERAL (${spanOf(descent, where)}) page
        WHERE s.id = ANY(${[...ids]}::uuid[]) ${descentSql(descent, 'page.sequence', 'bigint').ordered}`;
      return rows.map(toItem);
    },
  });
}

interface RowOf extends DecisionRow {
  readonly parentId: string;
}

function spanOf({ direction, take }: Descent<bigint>, where: Prisma.Sql): Prisma.Sql {
  return selectDecisions({ where, direction, limit: take });
}

function toItem({ parentId, ...row }: RowOf): ItemOf<Decision> {
  return { parentId, item: toDecision(row) };
}

function descentBySequence(list: string, page: PageRequest, order: DecisionOrder): Descent<bigint> {
  const falling = (order === 'newest') !== (page.backward ?? false);
  return {
    position: sequenceAfter(list, page),
    direction: falling ? 'desc' : 'asc',
    take: page.first + 1,
  };
}

function pageBySequence(list: string, decisions: readonly Decision[], page: PageRequest): Page<Decision> {
  return pageOf(decisions, page, ({ sequence }) => encodeCursor(list, [String(sequence)]));
}
