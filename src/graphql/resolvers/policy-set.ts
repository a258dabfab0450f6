import type { PolicySetMemberResolvers, PolicySetResolvers } from '../../generated/graphql/types.js';
import { ifReadable } from '../absent.js';

/** The policies in force at a moment. */
export const PolicySet: PolicySetResolvers = {
  policies: ({ members }) => members,
};

/** A policy in the version in which it is or was in force. */
export const PolicySetMember: PolicySetMemberResolvers = {
  name: ({ policyName }) => policyName,
  policy: ({ policyId }, _, { loaders }) => ifReadable(loaders.policyById.load(policyId)),
  policyVersion: ({ versionId }, _, { loaders }) => ifReadable(loaders.policyVersionById.load(versionId)),
};
