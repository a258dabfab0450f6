import type {
  AdmissionSettingsResolvers,
  PolicySetMemberResolvers,
  PolicySetResolvers,
} from '../../generated/graphql/types.js';
import { modeIn } from '../../model/admission.js';
import { ifReadable } from '../absent.js';

/** The policies in force at a moment. */
export const PolicySet: PolicySetResolvers = {
  policies: ({ members }) => members,
};

/** How a cluster's API server is or was answered. */
export const AdmissionSettings: AdmissionSettingsResolvers = {
  modeIn: (settings, { namespace }) => modeIn(settings, namespace),
};

/** A policy in the version in which it is or was in force. */
export const PolicySetMember: PolicySetMemberResolvers = {
  name: ({ policyName }) => policyName,
  policy: ({ policyId }, _, { loaders }) => ifReadable(loaders.policyById.load(policyId)),
  policyVersion: ({ versionId }, _, { loaders }) => ifReadable(loaders.policyVersionById.load(versionId)),
};
