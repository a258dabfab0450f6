import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { KnownCluster } from '../model/known-cluster.js';
import { checkedLine, readCheckedLine } from './checked-line.js';

/** The clusters as they were last read, on local disk: with them API servers are answered while the database is away. */
export interface KnownClusters {
  /** Keeps a cluster in place of what was kept of it. */
  save(cluster: KnownCluster): Promise<void>;
  /** The cluster of this name as it was last kept; null where none was, or it can't be read. */
  load(name: string): Promise<KnownCluster | null>;
}

/** Opens the folder, which is made with the first cluster. Secrets are in it as hashes only. */
export function openKnownClusters(folder: string): KnownClusters {
  // A cluster's name is a DNS-1123 subdomain: it leads out of no folder.
  const fileOf = (name: string) => join(folder, `${name}.json`);
  let drafts = 0;
  return {
    async save(cluster) {
      const { set, secretHashes } = cluster;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      drafts += 1;
      const draft = `${fileOf(set.clusterName)}.${process.pid}.${drafts}`;
      const file = await open(draft, 'w', 0o600);
      try {
        await file.writeFile(
          checkedLine({ set: { ...set, generation: String(set.generation) }, secretHashes }),
        );
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, fileOf(set.clusterName));
    },
    async load(name) {
      const text = await readFile(fileOf(name), 'utf8').catch(() => '');
      // Only save writes such files, and the checksum tells that this one is whole.
      const kept = readCheckedLine(text.trimEnd()) as Stored | undefined;
      if (kept === undefined) return null;
      return { ...kept, set: { ...kept.set, generation: BigInt(kept.set.generation) } };
    },
  };
}

interface Stored extends Omit<KnownCluster, 'set'> {
  readonly set: Omit<KnownCluster['set'], 'generation'> & { readonly generation: string };
}
