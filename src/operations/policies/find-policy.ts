import { authorize } from '../../access/authorize.js';
import { notFound } from '../../model/errors.js';
import type { Policy } from '../../model/policy.js';
import { isPolicyAssignedTo } from '../../storage/assignments.js';
import { findPolicyByName } from '../../storage/policies.js';
import type { Tx } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/**
 * The policy with this name, for reading. A token with a list of clusters sees only the policies assigned in them.
 * Throws NOT_FOUND.
 */
export async function findPolicyFor(context: OperationContext, tx: Tx, name: string): Promise<Policy> {
  authorize(context.principal, 'policy:read');
  const policy = await findPolicyByName(tx, name);
  if (policy === null || !(await isVisible(context, tx, policy))) throw notFound('Policy', name);
  return policy;
}

async function isVisible(context: OperationContext, tx: Tx, policy: Policy): Promise<boolean> {
  const { clusters } = context.principal;
  return clusters === null || isPolicyAssignedTo(tx, policy.id, clusters);
}
