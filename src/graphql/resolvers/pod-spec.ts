import type { PodSpecResolvers, PodSpecRevisionResolvers } from '../../generated/graphql/types.js';
import { parseExactJson } from '../../kubernetes/canonical-json.js';
import { listDecisions } from '../../operations/decisions/list-decisions.js';
import { listPodSpecRevisions } from '../../operations/pod-specs/read-pod-specs.js';
import { connection } from '../connection.js';

/** A stored workload and its history. */
export const PodSpec: PodSpecResolvers = {
  cluster: ({ clusterId }, _, { loaders }) => loaders.clusterById.load(clusterId),
  revision: ({ latestRevision }) => latestRevision,
  latest: (podSpec, _, { loaders }) => loaders.latestRevisionOf.load(podSpec),
  revisions: ({ clusterName: cluster, namespace, kind, name }, page, { operation }) =>
    connection(page, (page) => listPodSpecRevisions(operation, { ...page, cluster, namespace, kind, name })),
  decisions: ({ clusterName: cluster, namespace, kind, name }, page, { operation }) =>
    connection(page, (page) =>
      listDecisions(operation, { ...page, cluster, filter: { namespace, kind, name }, order: 'newest' }),
    ),
};

/** One revision of a stored workload. */
export const PodSpecRevision: PodSpecRevisionResolvers = {
  object: ({ content }) => parseExactJson(content),
};
