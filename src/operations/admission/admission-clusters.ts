import type { AdmissionSettings } from '../../model/admission.js';
import { CLUSTER_NAME } from '../../model/cluster.js';
import type { KnownCluster } from '../../model/known-cluster.js';
import { findClusterByName } from '../../storage/clusters.js';
import type { KnownClusters } from '../../storage/known-clusters.js';
import type { Database } from '../../storage/database.js';
import { createGenerationLookup, readPolicySet } from '../../storage/policy-sets.js';
import { readOnly } from '../../storage/transaction.js';
import { livingSecretHashes } from '../../storage/webhook-secrets.js';
import { type CompiledSet, compileClusterSet, type CompileVersion } from '../evaluation/compiled-set.js';
import type { Deadline } from './deadline.js';
import { isUnavailable, type Outage } from './outage.js';

/** A cluster whose API server can be answered. */
export interface AdmissionCluster {
  readonly id: string;
  readonly name: string;
  readonly settings: AdmissionSettings;
  readonly set: CompiledSet;
  /** SHA-256 in hex of the secrets that its path may have. */
  readonly secretHashes: ReadonlySet<string>;
}

/** The clusters by name with all that an answer to their API servers needs. */
export interface AdmissionClusters {
  /** As last read, maybe out of date: for decisions whose append checks the generation. null: there is none. */
  recent(name: string, deadline: Deadline): Promise<AdmissionCluster | null>;
  /** As of this moment: the database is asked. null: there is none. */
  current(name: string, deadline: Deadline): Promise<AdmissionCluster | null>;
}

/** What the cache is made of. */
export interface AdmissionClusterSources {
  readonly database: Database;
  /** What is kept for the time when the database is away. */
  readonly kept: KnownClusters;
  readonly outage: Outage;
  readonly compile: CompileVersion;
  /** Told where a cluster can't be kept. */
  readonly onNotKept: (error: unknown) => void;
}

/** Makes the cache on the database; while that is away, both give what was last known. */
export function createAdmissionClusters(sources: AdmissionClusterSources): AdmissionClusters {
  const { database, kept, outage, compile, onNotKept } = sources;
  const clusterGeneration = createGenerationLookup(database);
  const known = new Map<string, AdmissionCluster>();
  /** What is being read for the first time: reviews that come in meanwhile wait for the same. */
  const firstReads = new Map<string, Promise<AdmissionCluster | null>>();

  async function read(name: string): Promise<AdmissionCluster | null> {
    const found = await readCluster(database, name);
    if (found === null) {
      known.delete(name);
      return null;
    }
    const cluster = compiledCluster(found, compile);
    known.set(name, cluster);
    await kept.save(found).catch(onNotKept);
    return cluster;
  }

  function readFirst(name: string): Promise<AdmissionCluster | null> {
    const underway = firstReads.get(name);
    if (underway !== undefined) return underway;
    const reading = read(name).finally(() => firstReads.delete(name));
    firstReads.set(name, reading);
    return reading;
  }

  async function check(name: string): Promise<AdmissionCluster | null> {
    const cluster = known.get(name);
    if (cluster === undefined) return read(name);
    const generation = await clusterGeneration(cluster.id);
    return generation === cluster.set.generation ? cluster : read(name);
  }

  /** While the database is away, what was last known; throws the failure itself where nothing is. */
  async function asked(
    name: string,
    deadline: Deadline,
    ask: (name: string) => Promise<AdmissionCluster | null>,
  ): Promise<AdmissionCluster | null> {
    try {
      return await outage.guard(deadline, () => ask(name));
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      const cluster = known.get(name) ?? (await keptCluster(sources, name));
      if (cluster === null) throw error;
      known.set(name, cluster);
      return cluster;
    }
  }

  return {
    current: (name, deadline) => asked(name, deadline, check),
    recent: async (name, deadline) => known.get(name) ?? asked(name, deadline, readFirst),
  };
}

async function readCluster(database: Database, name: string): Promise<KnownCluster | null> {
  const tx = readOnly(database);
  const cluster = await findClusterByName(tx, name);
  const read = cluster === null ? null : await readPolicySet(tx, cluster.id);
  if (read === null) return null;
  // What is kept is the set of its generation, of whatever moment.
  const { at: _at, ...set } = read;
  // Read after the set: a change of the secrets moves the generation, so that newer ones are found out like newer policies.
  return { set, secretHashes: await livingSecretHashes(tx, set.clusterId) };
}

/** A cluster as it was last kept on disk; null where it wasn't. */
async function keptCluster(
  { kept, compile }: AdmissionClusterSources,
  name: string,
): Promise<AdmissionCluster | null> {
  const found = CLUSTER_NAME.test(name) ? await kept.load(name) : null;
  return found === null ? null : compiledCluster(found, compile);
}

function compiledCluster({ set, secretHashes }: KnownCluster, compile: CompileVersion): AdmissionCluster {
  return {
    id: set.clusterId,
    name: set.clusterName,
    settings: set.admission,
    set: compileClusterSet(set, compile),
    secretHashes: new Set(secretHashes),
  };
}
