import type { MutationResolvers } from '../../generated/graphql/types.js';
import { clusterMutations } from './cluster-mutations.js';
import { podMutations } from './pod-mutations.js';
import { policyMutations } from './policy-mutations.js';
import { tokenMutations } from './token-mutations.js';

/** What can be changed. */
export const Mutation: MutationResolvers = {
  ...clusterMutations,
  ...policyMutations,
  ...podMutations,
  ...tokenMutations,
};
