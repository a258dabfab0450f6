import { authorize } from '../../access/authorize.js';
import { notFound } from '../../model/errors.js';
import type { Policy } from '../../model/policy.js';
import { insertChange } from '../../storage/changes.js';
import { lockPolicy, setPolicyArchived } from '../../storage/policies.js';
import { inTransaction } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/**
 * Archives a policy: it takes no new versions and assignments and is left out of lists; it stays in force where it is
 * assigned, and its history stays. Archiving twice changes nothing. Throws NOT_FOUND.
 */
export function archivePolicy(context: OperationContext, name: string): Promise<Policy> {
  return setArchived(context, name, true);
}

/** Takes a policy out of the archive. Throws NOT_FOUND. */
export function unarchivePolicy(context: OperationContext, name: string): Promise<Policy> {
  return setArchived(context, name, false);
}

async function setArchived(context: OperationContext, name: string, archived: boolean): Promise<Policy> {
  const { actor } = context.principal;
  authorize(context.principal, 'policy:archive');
  return inTransaction(context.services.database, async (tx) => {
    const policy = await lockPolicy(tx, name);
    if (policy === null) throw notFound('Policy', name);
    if ((policy.archivedAt !== null) === archived) return policy;
    const archivedAt = archived ? context.services.now() : null;
    await setPolicyArchived(tx, policy.id, archivedAt);
    const action = archived ? 'POLICY_ARCHIVED' : 'POLICY_UNARCHIVED';
    await insertChange(tx, { actor, action, clusterId: null, policyId: policy.id, details: {} });
    return { ...policy, archivedAt };
  });
}
