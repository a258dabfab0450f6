import DataLoader from 'dataloader';
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
  getLatestRevisions,
  getPodSpecsById,
  getPodSpecsByPath,
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
  };
}

/**
 * One read for all keys that are asked for in the same turn of the event loop.
 *
 * @param text what `read` names a key's value by; a key that is a text names it itself
 */
function batched<Value, Key = string>(
  read: (keys: readonly Key[]) => Promise<ReadonlyMap<string, Value>>,
  text: (key: Key) => string = String,
): DataLoader<Key, Value | null, string> {
  return new DataLoader<Key, Value | null, string>(
    async (keys) => {
      const found = await read(keys);
      return keys.map((key) => found.get(text(key)) ?? null);
    },
    { cacheKeyFn: text },
  );
}

/** One read for each key, however often it is asked for. */
function once<Key, Value>(read: (key: Key) => Promise<Value>): { load(key: Key): Promise<Value> } {
  const known = new Map<string, Promise<Value>>();
  return {
    load(key) {
      const name = JSON.stringify(key);
      const reading = known.get(name) ?? read(key);
      known.set(name, reading);
      return reading;
    },
  };
}
