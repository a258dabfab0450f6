import { authorizeAcross } from '../../access/authorize.js';
import type { Cluster } from '../../model/cluster.js';
import { policySetDigest } from '../../model/policy-set.js';
import { readPolicySets } from '../../storage/policy-sets.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import type { PolicySetAt } from './get-policy-set.js';

/** The policies in force now in each of these clusters that the principal sees, by the cluster's id. */
export async function getPolicySets(
  context: OperationContext,
  clusters: readonly Cluster[],
): Promise<ReadonlyMap<string, PolicySetAt>> {
  const { principal, services } = context;
  const sees = authorizeAcross(principal, 'policy-set:read');
  const visible = new Map(clusters.filter(({ name }) => sees(name)).map((cluster) => [cluster.id, cluster]));
  const sets = await readPolicySets(readOnly(services.database), [...visible.keys()]);
  return new Map(
    sets.flatMap(({ clusterId, at, members, admission }) => {
      const cluster = visible.get(clusterId);
      return cluster
        ? [[clusterId, { cluster, at, members, digest: policySetDigest(members), admission }]]
        : [];
    }),
  );
}
