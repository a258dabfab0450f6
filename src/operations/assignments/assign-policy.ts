import { type Assignment, type AssignmentTerms, termsOf } from '../../model/assignment.js';
import { notFound } from '../../model/errors.js';
import type { PolicyWarning } from '../../model/policy-lint/policy-warning.js';
import type { Policy } from '../../model/policy.js';
import { putAssignment } from '../../storage/assignments.js';
import { insertChange } from '../../storage/changes.js';
import { lockPolicy } from '../../storage/policies.js';
import { inTransaction, type Tx } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import { authorizeInCluster } from '../access/authorize-in-cluster.js';
import type { OperationContext } from '../context.js';
import { versionOf } from '../policies/get-policy.js';
import { lintInCluster } from '../policies/lint-members.js';
import { requireActive } from '../policies/publish-version.js';
import { checkTerms } from './check-terms.js';

/** Which policy may be used in which cluster, and on what terms. */
export interface AssignPolicyInput extends AssignmentTerms {
  readonly cluster: string;
  readonly policy: string;
}

/** The assignment that is in force now, and what is odd about it. */
export interface AssignedPolicy {
  readonly assignment: Assignment;
  /** False where the policy was already assigned in the cluster. */
  readonly created: boolean;
  /** What is odd about the policy, by itself and beside the others of the cluster. */
  readonly warnings: readonly PolicyWarning[];
}

/**
 * Says that a policy may be used in a cluster, by whom and where; replaces what was said before. The same terms again
 * change nothing. Throws NOT_FOUND, INVALID or POLICY_ARCHIVED.
 */
export async function assignPolicy(
  context: OperationContext,
  input: AssignPolicyInput,
): Promise<AssignedPolicy> {
  authorizeInCluster(context, 'assignment:save', input.cluster);
  const terms = checkTerms(input);
  const assigned = await inTransaction(context.services.database, async (tx) => {
    const cluster = await findClusterFor(context, 'assignment:save', tx, input.cluster);
    const policy = await assignable(tx, input);
    const { actor } = context.principal;
    const wanted = { clusterId: cluster.id, policyId: policy.id, ...terms };
    const { assignment, before } = await putAssignment(tx, wanted, actor);
    if (before?.id !== assignment.id) {
      await insertChange(tx, {
        actor,
        action: before === null ? 'POLICY_ASSIGNED' : 'POLICY_REASSIGNED',
        clusterId: cluster.id,
        policyId: policy.id,
        details: before === null ? { after: terms } : { before: termsOf(before), after: terms },
      });
    }
    return { assignment, created: before === null };
  });
  const { clusterId, policyId } = assigned.assignment;
  return { ...assigned, warnings: await lintInCluster(context, clusterId, policyId) };
}

async function assignable(tx: Tx, input: AssignPolicyInput): Promise<Policy> {
  // Locked, so that it can't be archived at the same moment.
  const policy = await lockPolicy(tx, input.policy);
  if (policy === null) throw notFound('Policy', input.policy);
  requireActive(policy);
  if (input.pinnedVersion !== null) await versionOf(tx, policy, input.pinnedVersion);
  return policy;
}
