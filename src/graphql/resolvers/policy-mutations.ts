import type { MutationResolvers } from '../../generated/graphql/types.js';
import { archivePolicy, unarchivePolicy } from '../../operations/policies/archive-policy.js';
import { restorePolicyVersion } from '../../operations/policies/restore-policy-version.js';
import { savePolicy } from '../../operations/policies/save-policy.js';
import { formatOf } from '../manifest-format.js';
import { withUserErrors } from '../user-errors.js';

/** The mutations of policies and their versions. */
export const policyMutations = {
  savePolicy: async (_, { input }, context) => {
    const { manifest: text, name = null, message = null, expectedVersion = null } = input;
    const saved = await withUserErrors(
      context,
      () => savePolicy(context.operation, { name, text, format: formatOf(text), message, expectedVersion }),
      'manifest',
    );
    return { warnings: [], ...saved };
  },
  restorePolicyVersion: (_, { input }, context) =>
    withUserErrors(context, () => restorePolicyVersion(context.operation, input)),
  archivePolicy: (_, { input: { policy, archived } }, context) =>
    withUserErrors(context, async () => {
      const setArchived = archived ? archivePolicy : unarchivePolicy;
      return { policy: await setArchived(context.operation, policy) };
    }),
} satisfies MutationResolvers;
