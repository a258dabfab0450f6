import { authorize, authorizeAcross } from '../../access/authorize.js';
import type { Assignment } from '../../model/assignment.js';
import { listAssignmentsOf } from '../../storage/assignments.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/** Assignments in groups, by the id of what they are of. */
type AssignmentsById = ReadonlyMap<string, readonly Assignment[]>;

/**
 * The assignments in force in each of the clusters with these ids, in byte order of the policies' names. Throws
 * FORBIDDEN.
 */
export async function getAssignmentsOfClusters(
  context: OperationContext,
  clusterIds: readonly string[],
): Promise<AssignmentsById> {
  authorizeAcross(context.principal, 'assignment:read');
  const found = await listFor(context, { clusterIds });
  return grouped(clusterIds, found, ({ clusterId }) => clusterId);
}

/**
 * Where each of the policies with these ids is assigned now, as far as the principal sees the clusters, in byte order
 * of the clusters' names. Throws FORBIDDEN.
 */
export async function getAssignmentsOfPolicies(
  context: OperationContext,
  policyIds: readonly string[],
): Promise<AssignmentsById> {
  authorize(context.principal, 'policy:read');
  authorizeAcross(context.principal, 'assignment:read');
  const found = await listFor(context, { policyIds });
  return grouped(policyIds, found, ({ policyId }) => policyId);
}

function listFor({ principal, services }: OperationContext, of: Parameters<typeof listAssignmentsOf>[1]) {
  return listAssignmentsOf(readOnly(services.database), of, principal.clusters);
}

function grouped(
  ids: readonly string[],
  assignments: readonly Assignment[],
  keyOf: (assignment: Assignment) => string,
): AssignmentsById {
  const groups = new Map<string, Assignment[]>(ids.map((id) => [id, []]));
  for (const assignment of assignments) groups.get(keyOf(assignment))?.push(assignment);
  return groups;
}
