import type { ClusterAction } from '../../access/authorize.js';
import type { Cluster } from '../../model/cluster.js';
import { notFound } from '../../model/errors.js';
import { findClusterByName } from '../../storage/clusters.js';
import type { Tx } from '../../storage/transaction.js';
import { authorizeInCluster } from '../access/authorize-in-cluster.js';
import type { OperationContext } from '../context.js';
import type { ClusterIdentity } from '../evaluation/policy-set-cache.js';

/**
 * The cluster with this name for an action on it. Throws NOT_FOUND where there is none or it is outside the
 * principal's clusters, FORBIDDEN where the role doesn't do.
 */
export async function findClusterFor(
  context: OperationContext,
  action: ClusterAction,
  tx: Tx,
  name: string,
): Promise<Cluster> {
  authorizeInCluster(context, action, name);
  const cluster = await findClusterByName(tx, name);
  if (cluster === null) throw notFound('Cluster', name);
  return cluster;
}

/** As {@link findClusterFor}, for what happens so often that the database isn't asked for a cluster that is known. */
export async function identifyClusterFor(
  context: OperationContext,
  action: ClusterAction,
  name: string,
): Promise<ClusterIdentity> {
  authorizeInCluster(context, action, name);
  const cluster = await context.services.policySets.identify(name);
  if (cluster === null) throw notFound('Cluster', name);
  return cluster;
}
