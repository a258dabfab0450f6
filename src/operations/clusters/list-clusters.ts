import { authorize } from '../../access/authorize.js';
import type { Cluster } from '../../model/cluster.js';
import { checkPage, type Page, type PageRequest } from '../../model/page.js';
import { pageClusters } from '../../storage/clusters.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/** The clusters that exist for the principal, newest first. */
export async function listClusters(context: OperationContext, page: PageRequest): Promise<Page<Cluster>> {
  authorize(context.principal, 'cluster:list');
  const names = context.principal.clusters;
  return pageClusters(readOnly(context.services.database), { ...checkPage(page), names });
}
