import type { Assignment } from '../../model/assignment.js';
import { listAssignments as readAssignments } from '../../storage/assignments.js';
import { readOnly } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';

/** The assignments in force in a cluster, in byte order of the policies' names. Throws NOT_FOUND. */
export async function listClusterAssignments(
  context: OperationContext,
  clusterName: string,
): Promise<readonly Assignment[]> {
  const tx = readOnly(context.services.database);
  const cluster = await findClusterFor(context, 'assignment:read', tx, clusterName);
  return readAssignments(tx, { clusterId: cluster.id });
}
