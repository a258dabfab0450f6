import { READS_OWN_DECISIONS } from '../../access/actions.js';
import type { Decision } from '../../model/decision.js';
import { notFound } from '../../model/errors.js';
import type { Principal } from '../../model/principal.js';
import { isUuid } from '../../model/uuid.js';
import { findDecision } from '../../storage/decisions.js';
import { readOnly } from '../../storage/transaction.js';
import { authorizeInCluster } from '../access/authorize-in-cluster.js';
import type { OperationContext } from '../context.js';

/** Reads one decision. Throws NOT_FOUND, also where it belongs to a cluster or an actor that the principal can't see. */
export async function getDecision(context: OperationContext, id: string): Promise<Decision> {
  const decision = isUuid(id) ? await findDecision(readOnly(context.services.database), id) : null;
  if (decision === null || !readsDecisionsOf(context.principal, decision.actor))
    throw notFound('Decision', id);
  try {
    authorizeInCluster(context, 'decision:read', decision.clusterName);
  } catch {
    // The refusal would name the decision's cluster.
    throw notFound('Decision', id);
  }
  return decision;
}

/** Whether a principal may read the decisions that this actor asked for. */
export function readsDecisionsOf(principal: Principal, actor: string): boolean {
  return !READS_OWN_DECISIONS.has(principal.role) || principal.actor === actor;
}
