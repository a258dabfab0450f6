import { type Assignment, termsOf } from '../../model/assignment.js';
import { endAssignment } from '../../storage/assignments.js';
import { insertChange } from '../../storage/changes.js';
import { findPolicyByName } from '../../storage/policies.js';
import { inTransaction } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';
import { notAssigned } from './get-assignment.js';

/** Ends the assignment of a policy in a cluster; what it was stays in the history. Throws NOT_FOUND. */
export async function unassignPolicy(
  context: OperationContext,
  input: { readonly cluster: string; readonly policy: string },
): Promise<Assignment> {
  return inTransaction(context.services.database, async (tx) => {
    const cluster = await findClusterFor(context, 'assignment:save', tx, input.cluster);
    const policy = await findPolicyByName(tx, input.policy);
    const { actor } = context.principal;
    const ended = policy === null ? null : await endAssignment(tx, cluster.id, policy.id, actor);
    if (ended === null) throw notAssigned(input.policy, cluster.name);
    await insertChange(tx, {
      actor,
      action: 'POLICY_UNASSIGNED',
      clusterId: cluster.id,
      policyId: ended.policyId,
      details: { before: termsOf(ended) },
    });
    return ended;
  });
}
