import type { QueryResolvers } from '../../generated/graphql/types.js';
import { listTokens } from '../../operations/access/tokens.js';
import { listChanges } from '../../operations/changes/list-changes.js';
import { listClusters } from '../../operations/clusters/list-clusters.js';
import { getDecision } from '../../operations/decisions/get-decision.js';
import { diffPolicyVersions } from '../../operations/policies/diff-policy-versions.js';
import { listSigningKeys } from '../../operations/decisions/signing-keys.js';
import { listPolicies } from '../../operations/policies/list-policies.js';
import { orNull } from '../absent.js';
import { connection } from '../connection.js';
import { simulate } from '../evaluate-input.js';
import { findNode } from '../node.js';

/** What can be read from the root. */
export const Query: QueryResolvers = {
  viewer: (_, __, { operation }) => operation.principal,
  node: (_, { id }, context) => findNode(context, id),
  cluster: (_, { name }, { loaders }) => orNull(loaders.clusterByName.load(name)),
  clusters: (_, page, { operation }) => connection(page, (page) => listClusters(operation, page)),
  policy: async (_, { name }, { loaders }) => (await orNull(loaders.policyByName.load(name)))?.policy ?? null,
  policies: (_, { includeArchived, ...page }, { operation }) =>
    connection(page, (page) => listPolicies(operation, { ...page, includeArchived })),
  policyDiff: (_, { from, to }, { operation }) =>
    orNull(
      diffPolicyVersions(operation, {
        policy: from.policy,
        from: from.version ?? null,
        to: to.version ?? null,
        otherPolicy: to.policy,
      }),
    ),
  decision: (_, { id }, { operation }) => orNull(getDecision(operation, id)),
  changes: (_, { cluster, policy, ...page }, { operation }) =>
    orNull(
      connection(page, (page) =>
        listChanges(operation, { ...page, cluster: cluster ?? null, policy: policy ?? null }),
      ),
    ),
  tokens: (_, page, { operation }) => connection(page, (page) => listTokens(operation, page)),
  signingKeys: async (_, __, { operation }) => [...(await listSigningKeys(operation))],
  evaluate: (_, { input }, { operation }) => orNull(simulate(operation, input)),
};
