import { authorizeCluster, type ClusterAction } from '../../access/authorize.js';
import { PodgateError } from '../../model/errors.js';
import type { OperationContext } from '../context.js';

/**
 * As {@link authorizeCluster}, and a caller who asks for a cluster outside his token's list is noted for the record of
 * changes: he is told that there is none, and those who look after that cluster that he tried.
 */
export function authorizeInCluster(
  context: OperationContext,
  action: ClusterAction,
  clusterName: string,
): void {
  try {
    authorizeCluster(context.principal, action, clusterName);
  } catch (error) {
    if (error instanceof PodgateError && error.code === 'NOT_FOUND')
      noteOutside(context, action, clusterName);
    throw error;
  }
}

/** The answer doesn't wait: its time may not tell whether there is such a cluster. */
function noteOutside({ principal, source, services }: OperationContext, action: string, name: string): void {
  const refusal = {
    actor: principal.actor,
    source,
    message: `${action} is not allowed outside the clusters of the token`,
  };
  services.policySets.identify(name).then(
    (cluster) => services.onRefused(cluster === null ? refusal : { ...refusal, clusterId: cluster.id }),
    () => services.onRefused(refusal),
  );
}
