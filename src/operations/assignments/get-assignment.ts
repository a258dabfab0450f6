import type { Assignment } from '../../model/assignment.js';
import { PodgateError } from '../../model/errors.js';
import { listAssignments } from '../../storage/assignments.js';
import { readOnly } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';

/** The assignment of a policy that is in force in a cluster. Throws NOT_FOUND. */
export async function getAssignment(
  context: OperationContext,
  input: { readonly cluster: string; readonly policy: string },
): Promise<Assignment> {
  const tx = readOnly(context.services.database);
  const cluster = await findClusterFor(context, 'assignment:read', tx, input.cluster);
  const assignments = await listAssignments(tx, { clusterId: cluster.id });
  const assignment = assignments.find(({ policyName }) => policyName === input.policy);
  if (assignment === undefined) throw notAssigned(input.policy, input.cluster);
  return assignment;
}

/** The error for a policy that isn't assigned in a cluster, or isn't there at all. */
export function notAssigned(policy: string, cluster: string): PodgateError {
  const message = `Policy ${JSON.stringify(policy)} is not assigned in cluster ${JSON.stringify(cluster)}`;
  return new PodgateError('NOT_FOUND', message);
}
