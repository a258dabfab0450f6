import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLUSTER_NAME, DEFAULT_CLUSTER_SETTINGS } from '../../src/model/cluster.js';
import type { KnownCluster } from '../../src/model/known-cluster.js';
import { openKnownClusters } from '../../src/storage/known-clusters.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'podgate-known-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function cluster(clusterName: string, generation = 2n ** 60n): KnownCluster {
  const { mode, namespaceModes, mutateAlways, onUnavailable } = DEFAULT_CLUSTER_SETTINGS;
  return {
    set: {
      clusterId: '01930000-0000-7000-8000-000000000000',
      clusterName,
      generation,
      addServiceAccountVolume: false,
      admission: { mode, namespaceModes, mutateAlways, onUnavailable },
      members: [],
    },
    secretHashes: ['00ff'],
  };
}

const LONGEST = Array.from({ length: 127 }, () => 'a').join('.');

describe('the known clusters', () => {
  test.each([
    ['a short name', 'prod'],
    ['the longest name that a cluster can have', LONGEST],
    ['a name that the longest begins with', LONGEST.slice(0, -2)],
    ['a name that is the digest of another', hash('sha256', LONGEST)],
  ])('are found again by %s, as they were last kept', async (_, name) => {
    expect(name).toMatch(CLUSTER_NAME);
    const clusters = openKnownClusters(folder);
    for (const each of [LONGEST, LONGEST.slice(0, -2), name]) await clusters.save(cluster(each, 1n));
    await clusters.save(cluster(name));
    expect(await openKnownClusters(folder).load(name)).toEqual(cluster(name));
    expect(await clusters.load('other')).toBeNull();
  });

  test('are found also where an earlier version has kept them, until they are kept again', async () => {
    const clusters = openKnownClusters(folder);
    await clusters.save(cluster('prod', 1n));
    renameSync(join(folder, readdirSync(folder)[0] ?? ''), join(folder, 'prod.json'));
    expect(await clusters.load('prod')).toEqual(cluster('prod', 1n));
    await clusters.save(cluster('prod'));
    expect(await clusters.load('prod')).toEqual(cluster('prod'));
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('leave no draft behind where they can not be kept', async () => {
    const clusters = openKnownClusters(folder);
    await clusters.save(cluster('prod'));
    const [file = ''] = readdirSync(folder);
    rmSync(join(folder, file));
    mkdirSync(join(folder, file));
    await expect(clusters.save(cluster('prod'))).rejects.toThrow();
    expect(readdirSync(folder)).toEqual([file]);
  });
});
