import type { Decision, DecisionFilter, DecisionOrder } from '../../model/decision.js';
import type { Page } from '../../model/page.js';
import { pageDecisions } from '../../storage/search-decisions.js';
import { readOnly } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';
import { readableFilter } from './list-decisions.js';

/** Which decisions of a cluster are wanted. */
export interface ExportDecisionsInput {
  readonly cluster: string;
  readonly filter: DecisionFilter;
  readonly order: DecisionOrder;
}

/** Decisions in memory at a time. */
const PAGE = 100;

/**
 * All decisions that the filter wants, part by part, in constant memory; those that arrive meanwhile are among them in
 * the order `oldest`. The first part is read before it resolves. Throws NOT_FOUND, INVALID, UNAVAILABLE.
 */
export async function exportDecisions(
  context: OperationContext,
  { cluster: name, filter: wanted, order }: ExportDecisionsInput,
): Promise<AsyncIterable<readonly Decision[]>> {
  const tx = readOnly(context.services.database);
  const cluster = await findClusterFor(context, 'decision:read', tx, name);
  const filter = readableFilter(context.principal, wanted);
  if (filter === null) return parts(null, async () => null);
  const after = (cursor: string | null) =>
    pageDecisions(tx, cluster.id, filter, order, { first: PAGE, after: cursor });
  return parts(await after(null), after);
}

async function* parts(
  first: Page<Decision> | null,
  after: (cursor: string | null) => Promise<Page<Decision> | null>,
): AsyncGenerator<readonly Decision[]> {
  let page = first;
  while (page !== null && page.edges.length > 0) {
    yield page.edges.map(({ node }) => node);
    page = page.hasNextPage ? await after(page.endCursor) : null;
  }
}
