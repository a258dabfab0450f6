import type { Assignment } from '../model/assignment.js';
import type { Cluster } from '../model/cluster.js';
import type { Decision } from '../model/decision.js';
import type { PodSpec, PodSpecRevision } from '../model/pod-spec.js';
import type { Policy, PolicyVersion } from '../model/policy.js';
import {
  getAssignmentsOfClusters,
  getAssignmentsOfPolicies,
} from '../operations/assignments/get-assignments.js';
import { getClustersById } from '../operations/clusters/get-clusters-by-id.js';
import { getCluster } from '../operations/clusters/get-cluster.js';
import type { PolicySetAt } from '../operations/clusters/get-policy-set.js';
import { getPolicySets } from '../operations/clusters/get-policy-sets.js';
import type { OperationContext } from '../operations/context.js';
import { getDecisionsById } from '../operations/decisions/get-decisions-by-id.js';
import {
  listDecisionsOf,
  type ListDecisionsInput,
  listPodSpecDecisions,
} from '../operations/decisions/list-decisions.js';
import {
  getLatestRevisions,
  getPodSpecsById,
  getPodSpecsByPath,
  listPodSpecsOfClusters,
  listRevisionsOfPodSpecs,
  podSpecPathText,
} from '../operations/pod-specs/get-pod-specs.js';
import type { PodSpecPath } from '../operations/pod-specs/read-pod-specs.js';
import {
  getPoliciesById,
  getPolicyVersionsById,
  getPolicyVersionsByNumber,
  type VersionKey,
  versionKeyText,
} from '../operations/policies/get-policies-by-id.js';
import { getPolicy } from '../operations/policies/get-policy.js';
import { listVersionsOfPolicies } from '../operations/policies/list-policies.js';
import { batched, once, paged } from './read-together.js';

/** Reads that are made once for all the objects of a request that ask for them, and never twice for the same one. */
export type Loaders = ReturnType<typeof createLoaders>;

/**
 * The loaders of one request. In a batch, what isn't there for the caller is null; what he may not read at all rejects,
 * and so does anything that is read by its name and isn't there.
 */
export function createLoaders(context: OperationContext) {
  return {
    clusterById: batched<Cluster>((ids) => getClustersById(context, ids)),
    clusterByName: once((name: string) => getCluster(context, name)),
    policyById: batched<Policy>((ids) => getPoliciesById(context, ids)),
    policyByName: once((name: string) => getPolicy(context, name)),
    policyVersionById: batched<PolicyVersion>((ids) => getPolicyVersionsById(context, ids)),
    policyVersionByNumber: batched<PolicyVersion, VersionKey>(
      (keys) => getPolicyVersionsByNumber(context, keys),
      versionKeyText,
    ),
    policySetOf: batched<PolicySetAt, Cluster>(
      (clusters) => getPolicySets(context, clusters),
      ({ id }) => id,
    ),
    assignmentsOfCluster: batched<readonly Assignment[]>((ids) => getAssignmentsOfClusters(context, ids)),
    assignmentsOfPolicy: batched<readonly Assignment[]>((ids) => getAssignmentsOfPolicies(context, ids)),
    podSpecById: batched<PodSpec>((ids) => getPodSpecsById(context, ids)),
    podSpecByPath: batched<PodSpec, PodSpecPath>(
      (paths) => getPodSpecsByPath(context, paths),
      podSpecPathText,
    ),
    latestRevisionOf: batched<PodSpecRevision, PodSpec>(
      (podSpecs) => getLatestRevisions(context, podSpecs),
      ({ id }) => id,
    ),
    decisionById: batched<Decision>((ids) => getDecisionsById(context, ids)),
    decisionsOf: paged<Decision, Cluster, Omit<ListDecisionsInput, 'cluster'>>(
      (clusters, request) => listDecisionsOf(context, clusters, request),
      ({ id }) => id,
    ),
    podSpecDecisionsOf: paged<Decision, PodSpec>(
      (podSpecs, page) => listPodSpecDecisions(context, podSpecs, page),
      ({ id }) => id,
    ),
    versionsOf: paged<PolicyVersion>((policyIds, page) => listVersionsOfPolicies(context, policyIds, page)),
    podSpecsOf: paged<PodSpec, Cluster>(
      (clusters, page) => listPodSpecsOfClusters(context, clusters, page),
      ({ id }) => id,
    ),
    revisionsOf: paged<PodSpecRevision, PodSpec>(
      (podSpecs, page) => listRevisionsOfPodSpecs(context, podSpecs, page),
      ({ id }) => id,
    ),
  };
}
