import { seesCluster } from '../../model/principal.js';
import type { Assignment } from '../../model/assignment.js';
import { listAssignments as readAssignments } from '../../storage/assignments.js';
import { readOnly } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';
import { findPolicyFor } from '../policies/find-policy.js';

/** The assignments in force in a cluster, in byte order of the policies' names. Throws NOT_FOUND. */
export async function listClusterAssignments(
  context: OperationContext,
  clusterName: string,
): Promise<readonly Assignment[]> {
  const tx = readOnly(context.services.database);
  const cluster = await findClusterFor(context, 'assignment:read', tx, clusterName);
  return readAssignments(tx, { clusterId: cluster.id });
}

/** Where a policy is assigned now, as far as the principal sees the clusters. Throws NOT_FOUND. */
export async function listPolicyAssignments(
  context: OperationContext,
  policyName: string,
): Promise<readonly Assignment[]> {
  const tx = readOnly(context.services.database);
  const policy = await findPolicyFor(context, tx, policyName);
  const assignments = await readAssignments(tx, { policyId: policy.id });
  return assignments.filter((assignment) => seesCluster(context.principal, assignment.clusterName));
}
