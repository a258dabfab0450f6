import { hash } from 'node:crypto';
import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
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
  // A cluster's name may be as long as the name of a file, and leaves no room for an ending then.
  const fileOf = (name: string) => join(folder, `${hash('sha256', name)}.cluster`);
  // Earlier versions of Podgate took the name itself: a DNS-1123 subdomain, which leads out of no folder. Their ending
  // is another one, as a name may look like a digest.
  const earlierFileOf = (name: string) => join(folder, `${name}.json`);
  let drafts = 0;
  return {
    async save(cluster) {
      const { set, secretHashes } = cluster;
      const path = fileOf(set.clusterName);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      drafts += 1;
      await replaceFile(
        path,
        `${path}.${process.pid}.${drafts}`,
        checkedLine({ set: { ...set, generation: String(set.generation) }, secretHashes }),
      );
      await unlink(earlierFileOf(set.clusterName)).catch(() => undefined);
    },
    async load(name) {
      for (const path of [fileOf(name), earlierFileOf(name)]) {
        const text = await readFile(path, 'utf8').catch(() => '');
        // Only save writes such files, and the checksum tells that this one is whole.
        const kept = readCheckedLine(text.trimEnd()) as Stored | undefined;
        if (kept === undefined) continue;
        return { ...kept, set: { ...kept.set, generation: BigInt(kept.set.generation) } };
      }
      return null;
    },
  };
}

/** Writes a file so that there is the old one or the new one at any time; the draft doesn't stay where that fails. */
async function replaceFile(path: string, draft: string, text: string): Promise<void> {
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
}

interface Stored extends Omit<KnownCluster, 'set'> {
  readonly set: Omit<KnownCluster['set'], 'generation'> & { readonly generation: string };
}
