import type { AssignmentResolvers } from '../../generated/graphql/types.js';

/** Which policy may be used where. */
export const Assignment: AssignmentResolvers = {
  cluster: ({ clusterId }, _, { loaders }) => loaders.clusterById.load(clusterId),
  policy: ({ policyId }, _, { loaders }) => loaders.policyById.load(policyId),
};
