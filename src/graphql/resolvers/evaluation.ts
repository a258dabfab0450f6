import type {
  CandidateResolvers,
  EvaluationResolvers,
  EvaluationResultResolvers,
  PolicyFixResolvers,
} from '../../generated/graphql/types.js';
import type { Policy as PolicyRecord } from '../../model/policy.js';
import { ifReadable } from '../absent.js';
import type { Loaders } from '../loaders.js';

/** What a cluster's policies say to pods. */
export const Evaluation: EvaluationResolvers = {
  cluster: ({ cluster }, _, { loaders }) => (cluster === null ? null : loaders.clusterByName.load(cluster)),
  results: ({ results }, _, { turns }) => turns.of(results),
};

/** What they say to one pod. */
export const EvaluationResult: EvaluationResultResolvers = {
  document: ({ object }) => object.document,
  item: ({ object }) => object.item,
  decision: ({ decisionId }, _, { loaders }) =>
    decisionId === null ? null : loaders.decisionById.load(decisionId),
  policy: ({ policy }, _, { loaders }) => (policy === null ? null : findPolicy(loaders, policy.name)),
  policyVersion: async ({ policy: chosen }, _, { loaders }) => {
    if (chosen === null || chosen.version === null) return null;
    const policy = await findPolicy(loaders, chosen.name);
    if (policy === null) return null;
    return loaders.policyVersionByNumber.load({ policyId: policy.id, number: chosen.version });
  },
  candidates: ({ candidates }, _, { turns }) => turns.of(candidates),
  fixes: ({ fixes }, _, { turns }) => turns.of(fixes),
};

/** What one policy says to a pod. */
export const Candidate: CandidateResolvers = {
  violations: ({ violations }, _, { turns }) => turns.of(violations),
};

/** How a pod could satisfy one policy. */
export const PolicyFix: PolicyFixResolvers = {
  choices: ({ choices }, _, { turns }) => turns.of(choices),
};

async function findPolicy(loaders: Loaders, name: string): Promise<PolicyRecord | null> {
  return (await ifReadable(loaders.policyByName.load(name)))?.policy ?? null;
}
