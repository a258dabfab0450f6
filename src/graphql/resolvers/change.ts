import type { ChangeResolvers } from '../../generated/graphql/types.js';

/** The record of a change. */
export const Change: ChangeResolvers = {
  cluster: ({ clusterId }, _, { loaders }) =>
    clusterId === null ? null : loaders.clusterById.load(clusterId),
  policy: ({ policyId }, _, { loaders }) => (policyId === null ? null : loaders.policyById.load(policyId)),
};
