import { READS_OWN_DECISIONS } from '../../access/actions.js';
import type { Decision, DecisionFilter, DecisionOrder } from '../../model/decision.js';
import { invalid } from '../../model/errors.js';
import { checkPage, pageOf, type Page, type PageRequest } from '../../model/page.js';
import type { Principal } from '../../model/principal.js';
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
