import type { ClusterResolvers } from '../../generated/graphql/types.js';
import { getPolicySet } from '../../operations/clusters/get-policy-set.js';
import { decisionStats } from '../../operations/decisions/decision-stats.js';
import { verifyDecisions } from '../../operations/decisions/verify-decisions.js';
import { connection } from '../connection.js';
import { decisionFilterOf } from '../decision-filter.js';

/** A cluster, and what Podgate knows of it. */
export const Cluster: ClusterResolvers = {
  policySetDigest: async (cluster, _, { loaders }) =>
    (await loaders.policySetOf.load(cluster))?.digest ?? null,
  policySet: (cluster, { at }, { operation, loaders }) =>
    at ? getPolicySet(operation, { cluster: cluster.name, at }) : loaders.policySetOf.load(cluster),
  assignments: ({ id }, _, { loaders }) => loaders.assignmentsOfCluster.load(id),
  decisions: (parent, { filter, order, ...page }, { loaders }) =>
    connection(page, (page) => {
      const wanted = decisionFilterOf(filter ?? {});
      const args = { ...page, filter: wanted, order: order === 'OLDEST' ? 'oldest' : 'newest' } as const;
      return loaders.decisionsOf.load({ parent, args });
    }),
  decisionStats: ({ name: cluster }, { since, until, interval }, { operation }) =>
    decisionStats(operation, { cluster, since: since ?? null, until: until ?? null, interval }),
  verification: ({ name: cluster }, _, { operation }) => verifyDecisions(operation, { cluster }),
  podSpecs: (parent, page, { loaders }) =>
    connection(page, (args) => loaders.podSpecsOf.load({ parent, args })),
};
