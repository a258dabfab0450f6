import { authorize } from '../../access/authorize.js';
import { notFound } from '../../model/errors.js';
import type { Policy } from '../../model/policy.js';
import { findPolicyAssignedIn, findPolicyByName } from '../../storage/policies.js';
import type { Tx } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/**
 * The policy with this name, for reading. A token with a list of clusters sees only the policies assigned in them.
 * Throws NOT_FOUND.
 */
export async function findPolicyFor(context: OperationContext, tx: Tx, name: string): Promise<Policy> {
  authorize(context.principal, 'policy:read');
  const { clusters } = context.principal;
  const finding = clusters === null ? findPolicyByName(tx, name) : findPolicyAssignedIn(tx, name, clusters);
  const policy = await finding;
  if (policy === null) throw notFound('Policy', name);
  return policy;
}
