import type { MutationResolvers } from '../../generated/graphql/types.js';
import { savePodSpec } from '../../operations/pod-specs/save-pod-spec.js';
import { evaluateAndRecord } from '../evaluate-input.js';
import { formatOf } from '../manifest-format.js';
import { withUserErrors } from '../user-errors.js';

/** The mutations of stored workloads, and the evaluation that is recorded. */
export const podMutations = {
  savePodSpec: async (_, { input }, context) => {
    const { cluster, manifest: text } = input;
    const namespace = input.namespace ?? 'default';
    const saved = await withUserErrors(
      context,
      () =>
        savePodSpec(context.operation, { cluster, text, format: formatOf(text), namespace, expected: null }),
      'manifest',
    );
    return { warnings: [], ...saved };
  },
  evaluatePods: (_, { input }, context) =>
    withUserErrors(
      context,
      async () => ({ evaluation: await evaluateAndRecord(context.operation, input) }),
      input.podSpecs ? 'podSpecs' : input.objects ? 'objects' : 'manifests',
    ),
} satisfies MutationResolvers;
