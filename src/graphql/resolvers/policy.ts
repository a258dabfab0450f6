import type { PolicyResolvers } from '../../generated/graphql/types.js';
import { listPolicyVersions } from '../../operations/policies/list-policies.js';
import { connection } from '../connection.js';

/** A policy and its history. */
export const Policy: PolicyResolvers = {
  latest: ({ id: policyId, latestVersion: number }, _, { loaders }) =>
    loaders.policyVersionByNumber.load({ policyId, number }),
  version: ({ id: policyId }, { number }, { loaders }) =>
    loaders.policyVersionByNumber.load({ policyId, number }),
  versions: ({ name: policy }, page, { operation }) =>
    connection(page, (page) => listPolicyVersions(operation, { ...page, policy })),
  assignments: ({ id }, _, { loaders }) => loaders.assignmentsOfPolicy.load(id),
};
