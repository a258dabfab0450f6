import { authorize } from '../../access/authorize.js';
import { checkPage, type Page, type PageRequest } from '../../model/page.js';
import type { Policy, PolicyVersion } from '../../model/policy.js';
import type { PagesByParent } from '../../storage/pages-of.js';
import { pagePolicies, pagePolicyVersions, policyVersionPagesOf } from '../../storage/policies.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import { findPolicyFor } from './find-policy.js';
import { visiblePolicyIds } from './get-policies-by-id.js';

/** A page of policies; archived ones are left out unless asked for. */
export interface ListPoliciesInput extends PageRequest {
  readonly includeArchived?: boolean;
}

/** The policies that the principal sees, newest first. */
export async function listPolicies(
  context: OperationContext,
  input: ListPoliciesInput,
): Promise<Page<Policy>> {
  authorize(context.principal, 'policy:read');
  return pagePolicies(readOnly(context.services.database), {
    ...checkPage(input),
    includeArchived: input.includeArchived ?? false,
    clusterNames: context.principal.clusters,
  });
}

/** The versions of a policy, newest first. Throws NOT_FOUND. */
export async function listPolicyVersions(
  context: OperationContext,
  input: PageRequest & { readonly policy: string },
): Promise<Page<PolicyVersion>> {
  const tx = readOnly(context.services.database);
  const page = checkPage(input);
  const policy = await findPolicyFor(context, tx, input.policy);
  return pagePolicyVersions(tx, policy.id, page);
}

/**
 * The same page of the versions of each of these policies that the principal sees, by the policy's id; others are left
 * out. Throws FORBIDDEN, INVALID.
 */
export async function listVersionsOfPolicies(
  context: OperationContext,
  policyIds: readonly string[],
  request: PageRequest,
): Promise<PagesByParent<PolicyVersion>> {
  const tx = readOnly(context.services.database);
  const page = checkPage(request);
  const visible = await visiblePolicyIds(context, tx, policyIds);
  return policyVersionPagesOf(tx, [...visible], page);
}
