import type { Cluster } from '../../model/cluster.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import { findClusterFor } from './find-cluster.js';

/** Reads a cluster by name. Throws NOT_FOUND. */
export function getCluster(context: OperationContext, name: string): Promise<Cluster> {
  return findClusterFor(context, 'cluster:read', readOnly(context.services.database), name);
}
