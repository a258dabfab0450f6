import type { PolicyResolvers } from '../../generated/graphql/types.js';
import { connection } from '../connection.js';

/** A policy and its history. */
export const Policy: PolicyResolvers = {
  latest: ({ id: policyId, latestVersion: number }, _, { loaders }) =>
    loaders.policyVersionByNumber.load({ policyId, number }),
  version: ({ id: policyId }, { number }, { loaders }) =>
    loaders.policyVersionByNumber.load({ policyId, number }),
  versions: ({ id: parent }, page, { loaders }) =>
    connection(page, (args) => loaders.versionsOf.load({ parent, args })),
  assignments: ({ id }, _, { loaders }) => loaders.assignmentsOfPolicy.load(id),
};
