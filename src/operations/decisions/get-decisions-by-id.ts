import { authorizeAcross } from '../../access/authorize.js';
import type { Decision } from '../../model/decision.js';
import { findDecisionsByIds } from '../../storage/decisions.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import { readsDecisionsOf } from './get-decision.js';

/** The decisions with these ids that the principal may read, by id; others are left out. */
export async function getDecisionsById(
  context: OperationContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Decision>> {
  const { principal, services } = context;
  const sees = authorizeAcross(principal, 'decision:read');
  const decisions = await findDecisionsByIds(readOnly(services.database), ids);
  const visible = decisions.filter(
    ({ clusterName, actor }) => sees(clusterName) && readsDecisionsOf(principal, actor),
  );
  return new Map(visible.map((decision) => [decision.id, decision]));
}
