import { READS_OWN_DECISIONS } from '../../access/actions.js';
import { authorizeAcross } from '../../access/authorize.js';
import type { Cluster } from '../../model/cluster.js';
import type { Decision, DecisionFilter, DecisionOrder } from '../../model/decision.js';
import { invalid } from '../../model/errors.js';
import { checkPage, pageOf, type Page, type PageRequest } from '../../model/page.js';
import type { PodSpec } from '../../model/pod-spec.js';
import type { Principal } from '../../model/principal.js';
import { decisionPagesOf, podSpecDecisionPagesOf } from '../../storage/decision-pages.js';
import type { PagesByParent } from '../../storage/pages-of.js';
import { pageDecisions } from '../../storage/search-decisions.js';
import { readOnly } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';

/** A page of a cluster's decisions. */
export interface ListDecisionsInput extends PageRequest {
  readonly cluster: string;
  readonly filter: DecisionFilter;
  readonly order: DecisionOrder;
}

/** Pages through the decisions of a cluster. Throws NOT_FOUND, INVALID, INVALID_CURSOR. */
export async function listDecisions(
  context: OperationContext,
  input: ListDecisionsInput,
): Promise<Page<Decision>> {
  const tx = readOnly(context.services.database);
  const page = checkPage(input);
  const cluster = await findClusterFor(context, 'decision:read', tx, input.cluster);
  const filter = readableFilter(context.principal, input.filter);
  if (filter === null) return pageOf([], { ...page, after: null }, String);
  return pageDecisions(tx, cluster.id, filter, input.order, page);
}

/**
 * The same page of the decisions of each of these clusters that the principal sees, by the cluster's id; others are left
 * out. One statement for all of them, which reads each log from its end; with a filter, a single one is searched. Throws
 * INVALID, INVALID_CURSOR.
 */
export async function listDecisionsOf(
  context: OperationContext,
  clusters: readonly Cluster[],
  input: Omit<ListDecisionsInput, 'cluster'>,
): Promise<PagesByParent<Decision>> {
  const { principal, services } = context;
  const page = checkPage(input);
  const sees = authorizeAcross(principal, 'decision:read');
  const ids = clusters.filter(({ name }) => sees(name)).map(({ id }) => id);
  const filter = readableFilter(principal, input.filter);
  if (filter === null) return new Map(ids.map((id) => [id, pageOf([], { ...page, after: null }, String)]));
  const tx = readOnly(services.database);
  const [only, ...others] = ids;
  if (only !== undefined && others.length === 0) {
    return new Map([[only, await pageDecisions(tx, only, filter, input.order, page)]]);
  }
  return decisionPagesOf(tx, ids, filter, input.order, page);
}

/**
 * The same page of the decisions, newest first, about each of these stored workloads that the principal sees, by the
 * workload's id; others are left out. Throws FORBIDDEN, INVALID.
 */
export async function listPodSpecDecisions(
  { principal, services }: OperationContext,
  podSpecs: readonly PodSpec[],
  request: PageRequest,
): Promise<PagesByParent<Decision>> {
  const page = checkPage(request);
  const sees = authorizeAcross(principal, 'pod-spec:read');
  const ids = podSpecs.filter(({ clusterName }) => sees(clusterName)).map(({ id }) => id);
  return podSpecDecisionPagesOf(readOnly(services.database), ids, page);
}

/** The newest decision about each of these stored workloads, by the workload's id; none where there is none. Throws FORBIDDEN. */
export async function lastDecisionsOf(
  context: OperationContext,
  podSpecs: readonly PodSpec[],
): Promise<ReadonlyMap<string, Decision>> {
  const pages = await listPodSpecDecisions(context, podSpecs, { first: 1, after: null });
  return new Map(
    [...pages].flatMap(([id, page]) => {
      const newest = page instanceof Error ? undefined : page.edges[0];
      return newest === undefined ? [] : [[id, newest.node] as const];
    }),
  );
}

/** The filter narrowed to what the principal may read; null where nothing is left. Throws INVALID. */
export function readableFilter(principal: Principal, given: DecisionFilter): DecisionFilter | null {
  const filter = checkFilter(given);
  if (!READS_OWN_DECISIONS.has(principal.role)) return filter;
  const foreign = filter.actor !== undefined && filter.actor !== principal.actor;
  return foreign ? null : { ...filter, actor: principal.actor };
}

function checkFilter(filter: DecisionFilter): DecisionFilter {
  if (filter.version !== undefined && filter.policy === undefined) {
    const message = 'version filters only together with policy';
    throw invalid(message, [{ message, pointer: 'version', field: 'version', value: filter.version }]);
  }
  return filter;
}
