import type { MutationResolvers, SubjectInput } from '../../generated/graphql/types.js';
import type { Subject } from '../../model/assignment.js';
import { assignPolicy } from '../../operations/assignments/assign-policy.js';
import { unassignPolicy } from '../../operations/assignments/unassign-policy.js';
import { saveCluster } from '../../operations/clusters/save-cluster.js';
import { withUserErrors } from '../user-errors.js';

/** The mutations of clusters and of what is assigned to them. */
export const clusterMutations = {
  saveCluster: (_, { input }, context) =>
    withUserErrors(context, () => {
      // Null removes what may be absent; anything else that is null is left as it is.
      const { addServiceAccountVolume, mode, namespaceModes, mutateAlways, onUnavailable, ...settings } =
        input;
      return saveCluster(context.operation, {
        ...settings,
        ...(typeof addServiceAccountVolume === 'boolean' ? { addServiceAccountVolume } : {}),
        ...(mode ? { mode } : {}),
        ...(namespaceModes ? { namespaceModes } : {}),
        ...(typeof mutateAlways === 'boolean' ? { mutateAlways } : {}),
        ...(onUnavailable ? { onUnavailable } : {}),
      });
    }),
  assignPolicy: async (_, { input }, context) => {
    const assigned = await withUserErrors(context, () => {
      const { cluster, policy, pinnedVersion = null, namespaces = null } = input;
      const subjects = input.subjects?.map(subjectOf) ?? null;
      return assignPolicy(context.operation, { cluster, policy, pinnedVersion, subjects, namespaces });
    });
    return { warnings: [], ...assigned };
  },
  unassignPolicy: (_, { input }, context) =>
    withUserErrors(context, async () => ({ assignment: await unassignPolicy(context.operation, input) })),
} satisfies MutationResolvers;

function subjectOf({ kind, name, namespace }: SubjectInput): Subject {
  return typeof namespace === 'string' ? { kind, name, namespace } : { kind, name };
}
