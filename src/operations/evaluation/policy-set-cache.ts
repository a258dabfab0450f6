import type { CompiledPolicy } from '../../engine/index.js';
import { type Cluster, DEFAULT_CLUSTER_SETTINGS } from '../../model/cluster.js';
import { notFound } from '../../model/errors.js';
import type { PolicySetMember } from '../../model/policy-set.js';
import type { Database } from '../../storage/database.js';
import { findClusterByName } from '../../storage/clusters.js';
import { createGenerationLookup, readPolicySet } from '../../storage/policy-sets.js';
import { readOnly } from '../../storage/transaction.js';
import { type CompiledSet, compileClusterSet, compileStored } from './compiled-set.js';

/** What of a cluster never changes. */
export type ClusterIdentity = Pick<Cluster, 'id' | 'name'>;

/** The compiled policy sets of the clusters, kept from one evaluation to the next. */
export interface PolicySetCache {
  /** The cluster of this name; null where there is none. Clusters keep their name and id for ever, so one is read once. */
  identify(name: string): Promise<ClusterIdentity | null>;
  /** A set that may be out of date: only for decisions whose append checks the generation. */
  recent(clusterId: string): Promise<CompiledSet>;
  /** The set of this moment: the database is asked whether it still holds. */
  current(clusterId: string): Promise<CompiledSet>;
  /** The set that was in force at a moment; empty before the cluster was known. Throws INVALID for one in the future. */
  at(clusterId: string, at: Date): Promise<CompiledSet>;
  /** Forgets a cluster's set, or with null all sets, so that they are read again. */
  forget(clusterId: string | null): void;
}

/** Compiled versions kept at most; they never change, so that only room limits them. */
const MOST_VERSIONS = 10_000;

const EMPTY = {
  addServiceAccountVolume: false,
  admission: DEFAULT_CLUSTER_SETTINGS,
  generation: 0n,
  members: [],
};

/** Makes the cache. Sets are kept by cluster, compiled versions by their id and without expiry. */
export function createPolicySetCache(database: Database): PolicySetCache {
  const sets = new Map<string, Promise<CompiledSet>>();
  const identities = new Map<string, ClusterIdentity>();
  const compile = rememberCompiled(MOST_VERSIONS);
  const clusterGeneration = createGenerationLookup(database);

  async function read(clusterId: string): Promise<CompiledSet> {
    const set = await readPolicySet(readOnly(database), clusterId);
    if (set === null) throw notFound('Cluster', clusterId);
    return compileClusterSet(set, compile);
  }

  function recent(clusterId: string): Promise<CompiledSet> {
    const known = sets.get(clusterId);
    if (known !== undefined) return known;
    const reading = read(clusterId);
    sets.set(clusterId, reading);
    // A failed read must not be remembered; the caller sees the failure itself.
    reading.catch(() => forget(clusterId, reading));
    return reading;
  }

  function forget(clusterId: string, only?: Promise<CompiledSet>): void {
    if (only === undefined || sets.get(clusterId) === only) sets.delete(clusterId);
  }

  async function identify(name: string): Promise<ClusterIdentity | null> {
    const known = identities.get(name);
    if (known !== undefined) return known;
    const cluster = await findClusterByName(readOnly(database), name);
    if (cluster === null) return null;
    const identity = { id: cluster.id, name: cluster.name };
    identities.set(name, identity);
    return identity;
  }

  return {
    identify,
    recent,
    forget: (clusterId) => (clusterId === null ? sets.clear() : forget(clusterId)),
    async current(clusterId) {
      const known = recent(clusterId);
      const [set, generation] = await Promise.all([known, clusterGeneration(clusterId)]);
      if (set.generation === generation) return set;
      forget(clusterId, known);
      return recent(clusterId);
    },
    async at(clusterId, at) {
      const set = await readPolicySet(readOnly(database), clusterId, at);
      return compileClusterSet(set ?? { clusterId, clusterName: '', ...EMPTY }, compile);
    },
  };
}

function rememberCompiled(most: number): (member: PolicySetMember) => CompiledPolicy {
  const compiled = new Map<string, CompiledPolicy>();
  return (member) => {
    const known = compiled.get(member.versionId);
    if (known !== undefined) return known;
    const made = compileStored(member);
    if (compiled.size >= most) {
      const oldest = compiled.keys().next();
      if (!oldest.done) compiled.delete(oldest.value);
    }
    compiled.set(member.versionId, made);
    return made;
  };
}
