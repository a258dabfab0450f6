import type { AdmissionSettings } from '../../model/admission.js';
import type { KnownCluster } from '../../model/known-cluster.js';
import { findClusterByName } from '../../storage/clusters.js';
import type { Database } from '../../storage/database.js';
import { clusterGeneration, readPolicySet } from '../../storage/policy-sets.js';
import { readOnly } from '../../storage/transaction.js';
import { livingSecretHashes } from '../../storage/webhook-secrets.js';
import { type CompiledSet, compileClusterSet, type CompileVersion } from '../evaluation/compiled-set.js';

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
  recent(name: string): Promise<AdmissionCluster | null>;
  /** As of this moment: the database is asked. null: there is none. */
  current(name: string): Promise<AdmissionCluster | null>;
}

/** Makes the cache on the database. */
export function createAdmissionClusters(database: Database, compile: CompileVersion): AdmissionClusters {
  const known = new Map<string, AdmissionCluster>();

  async function read(name: string): Promise<AdmissionCluster | null> {
    const found = await readCluster(database, name);
    if (found === null) {
      known.delete(name);
      return null;
    }
    const cluster = compiledCluster(found, compile);
    known.set(name, cluster);
    return cluster;
  }

  return {
    recent: async (name) => known.get(name) ?? read(name),
    async current(name) {
      const cluster = known.get(name);
      if (cluster === undefined) return read(name);
      const generation = await clusterGeneration(readOnly(database), cluster.id);
      return generation === cluster.set.generation ? cluster : read(name);
    },
  };
}

async function readCluster(database: Database, name: string): Promise<KnownCluster | null> {
  const tx = readOnly(database);
  const cluster = await findClusterByName(tx, name);
  const set = cluster === null ? null : await readPolicySet(tx, cluster.id);
  if (set === null) return null;
  // Read after the set: a change of the secrets moves the generation, so that newer ones are found out like newer policies.
  return { set, secretHashes: await livingSecretHashes(tx, set.clusterId) };
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
