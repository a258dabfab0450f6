import type { PolicyVersionResolvers } from '../../generated/graphql/types.js';
import { policyYaml, readPolicyContent } from '../../kubernetes/policy-manifest.js';
import { diffVersions } from '../../operations/policies/diff-policy-versions.js';

/** One version of a policy. */
export const PolicyVersion: PolicyVersionResolvers = {
  policy: ({ policyId }, _, { loaders }) => loaders.policyById.load(policyId),
  spec: ({ content }) => readPolicyContent(content).spec,
  yaml: ({ content }) => policyYaml(content),
  async diff(version, { from }, { loaders, operation }) {
    const { policyId, number } = version;
    const older = await loaders.policyVersionByNumber.load({ policyId, number: from ?? number - 1 });
    return older === null ? null : diffVersions(operation, older, version);
  },
};
