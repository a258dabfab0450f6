import type { DecisionResolvers } from '../../generated/graphql/types.js';
import { ifReadable } from '../absent.js';

/** A recorded decision. */
export const Decision: DecisionResolvers = {
  cluster: ({ clusterId }, _, { loaders }) => loaders.clusterById.load(clusterId),
  sequence: ({ sequence }) => String(sequence),
  podSpec: ({ clusterName: cluster, object: { namespace, kind, name } }, _, { loaders }) =>
    ifReadable(loaders.podSpecByPath.load({ cluster, namespace, kind, name })),
  policy: async ({ policyVersionId }, _, { loaders }) => {
    if (policyVersionId === null) return null;
    const version = await ifReadable(loaders.policyVersionById.load(policyVersionId));
    return version === null ? null : loaders.policyById.load(version.policyId);
  },
  policyVersion: ({ policyVersionId }, _, { loaders }) =>
    policyVersionId === null ? null : ifReadable(loaders.policyVersionById.load(policyVersionId)),
  candidates: ({ candidates }, _, { turns }) => turns.of(candidates),
};
