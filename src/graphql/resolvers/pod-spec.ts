import type { PodSpecResolvers, PodSpecRevisionResolvers } from '../../generated/graphql/types.js';
import { parseStrictJson } from '../../kubernetes/canonical-json.js';
import { connection } from '../connection.js';

/** A stored workload and its history. */
export const PodSpec: PodSpecResolvers = {
  cluster: ({ clusterId }, _, { loaders }) => loaders.clusterById.load(clusterId),
  revision: ({ latestRevision }) => latestRevision,
  latest: (podSpec, _, { loaders }) => loaders.latestRevisionOf.load(podSpec),
  revisions: (parent, page, { loaders }) =>
    connection(page, (args) => loaders.revisionsOf.load({ parent, args })),
  async lastDecision(parent, _, { loaders }) {
    const page = await loaders.podSpecDecisionsOf.load({ parent, args: { first: 1, after: null } });
    return page?.edges[0]?.node ?? null;
  },
  decisions: (parent, page, { loaders }) =>
    connection(page, (args) => loaders.podSpecDecisionsOf.load({ parent, args })),
};

/** One revision of a stored workload. */
export const PodSpecRevision: PodSpecRevisionResolvers = {
  object: ({ content }) => parseStrictJson(content),
};
