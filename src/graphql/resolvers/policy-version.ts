import type { PolicyVersionResolvers } from '../../generated/graphql/types.js';
import { policyYaml, readPolicyContent } from '../../kubernetes/policy-manifest.js';

/** One version of a policy. */
export const PolicyVersion: PolicyVersionResolvers = {
  policy: ({ policyId }, _, { loaders }) => loaders.policyById.load(policyId),
  spec: ({ content }) => readPolicyContent(content).spec,
  yaml: ({ content }) => policyYaml(content),
};
