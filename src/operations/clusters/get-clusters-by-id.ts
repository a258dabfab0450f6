import { authorizeAcross } from '../../access/authorize.js';
import type { Cluster } from '../../model/cluster.js';
import { findClustersByIds } from '../../storage/clusters.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/** The clusters with these ids that exist for the principal, by id; others are left out. */
export async function getClustersById(
  context: OperationContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Cluster>> {
  const sees = authorizeAcross(context.principal, 'cluster:read');
  const clusters = await findClustersByIds(readOnly(context.services.database), ids);
  const visible = clusters.filter((cluster) => sees(cluster.name));
  return new Map(visible.map((cluster) => [cluster.id, cluster]));
}
