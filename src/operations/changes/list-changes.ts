import { authorize } from '../../access/authorize.js';
import type { Change } from '../../model/change.js';
import { checkPage, type Page, type PageRequest } from '../../model/page.js';
import { pageChanges } from '../../storage/changes.js';
import { readOnly } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';
import { findPolicyFor } from '../policies/find-policy.js';

/** Changes of one cluster, of one policy, of both together, or all. */
export interface ListChangesInput extends PageRequest {
  readonly cluster?: string | null;
  readonly policy?: string | null;
}

/**
 * Who changed what, newest first. A token with a list of clusters reads the changes of these and of the policies
 * assigned there. Throws NOT_FOUND.
 */
export async function listChanges(context: OperationContext, input: ListChangesInput): Promise<Page<Change>> {
  authorize(context.principal, 'change:read');
  const page = checkPage(input);
  const tx = readOnly(context.services.database);
  const cluster = input.cluster ? await findClusterFor(context, 'cluster:read', tx, input.cluster) : null;
  const policy = input.policy ? await findPolicyFor(context, tx, input.policy) : null;
  const filter = {
    clusterId: cluster?.id ?? null,
    policyId: policy?.id ?? null,
    clusterNames: context.principal.clusters,
  };
  return pageChanges(tx, filter, page);
}
