import { authorize } from '../../access/authorize.js';
import type { Policy, PolicyVersion } from '../../model/policy.js';
import { listAssignmentsOf } from '../../storage/assignments.js';
import { findPoliciesByIds, findPolicyVersions, findPolicyVersionsByIds } from '../../storage/policies.js';
import { readOnly, type Tx } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/** The policies with these ids that the principal sees, by id; others are left out. Throws FORBIDDEN. */
export async function getPoliciesById(
  context: OperationContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Policy>> {
  const tx = readOnly(context.services.database);
  const visible = await visiblePolicyIds(context, tx, ids);
  const policies = await findPoliciesByIds(tx, [...visible]);
  return new Map(policies.map((policy) => [policy.id, policy]));
}

/** The policy versions with these ids that the principal sees, by id; others are left out. Throws FORBIDDEN. */
export async function getPolicyVersionsById(
  context: OperationContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PolicyVersion>> {
  const tx = readOnly(context.services.database);
  const versions = await findPolicyVersionsByIds(tx, ids);
  const visible = await visiblePolicyIds(
    context,
    tx,
    versions.map(({ policyId }) => policyId),
  );
  const seen = versions.filter(({ policyId }) => visible.has(policyId));
  return new Map(seen.map((version) => [version.id, version]));
}

/** Names a version of a policy by its number. */
export interface VersionKey {
  readonly policyId: string;
  readonly number: number;
}

/** A text that is the same for the same version. */
export function versionKeyText({ policyId, number }: VersionKey): string {
  return `${policyId} ${number}`;
}

/**
 * The versions with these numbers of policies that the principal sees, by {@link versionKeyText}; others are left out.
 * Throws FORBIDDEN.
 */
export async function getPolicyVersionsByNumber(
  context: OperationContext,
  keys: readonly VersionKey[],
): Promise<ReadonlyMap<string, PolicyVersion>> {
  const tx = readOnly(context.services.database);
  const visible = await visiblePolicyIds(
    context,
    tx,
    keys.map(({ policyId }) => policyId),
  );
  const versions = await findPolicyVersions(
    tx,
    keys.filter(({ policyId }) => visible.has(policyId)),
  );
  return new Map(versions.map((version) => [versionKeyText(version), version]));
}

/** Those of the policies that the principal sees: with a list of clusters the ones assigned there. */
export async function visiblePolicyIds(
  { principal }: OperationContext,
  tx: Tx,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  authorize(principal, 'policy:read');
  if (principal.clusters === null) return new Set(ids);
  const assignments = await listAssignmentsOf(tx, { policyIds: [...new Set(ids)] }, principal.clusters);
  return new Set(assignments.map(({ policyId }) => policyId));
}
