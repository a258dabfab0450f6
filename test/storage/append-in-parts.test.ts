import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/model/cluster.js';
import { contentDigest } from '../../src/model/policy-set.js';
import { appendInParts } from '../../src/storage/append-in-parts.js';
import { updateCluster } from '../../src/storage/clusters.js';
import type { Database } from '../../src/storage/database.js';
import { inTransaction } from '../../src/storage/transaction.js';
import { testDatabase } from '../support/database.js';
import { givenCluster, newDecision } from '../support/records.js';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

/** Decisions of a request that doesn't fit into one statement, about pods of which every other one is new. */
function many(cluster: Cluster, count = 400) {
  return Array.from({ length: count }, (_, index) => {
    const podContent = JSON.stringify({ kind: 'Pod', half: index >> 1, filler: 'x'.repeat(3_000) });
    return newDecision(cluster, { podContent, podDigest: contentDigest(podContent) });
  });
}

async function append(cluster: Cluster, decisions: ReturnType<typeof many>) {
  const connection = await database.pool.connect();
  try {
    const { id: clusterId, generation } = cluster;
    return await appendInParts(connection, { clusterId, generation, decisions });
  } finally {
    connection.release();
  }
}

async function countOf(query: string, cluster: Cluster): Promise<number> {
  const { rows } = await database.pool.query<{ count: string }>(query, [cluster.id]);
  return Number(rows[0]?.count);
}

const recorded = (cluster: Cluster) =>
  countOf('SELECT count(*) FROM decisions WHERE cluster_id = $1', cluster);

describe('a request with too many decisions for one statement', () => {
  test('is recorded in their order, its batches one after the other', async () => {
    const cluster = await givenCluster(database);
    const decisions = many(cluster);
    expect(await append(cluster, decisions)).toEqual({ recorded: true, lastSequence: 400n });
    const { rows } = await database.pool.query<{ id: string }>(
      'SELECT id FROM decisions WHERE cluster_id = $1 ORDER BY sequence',
      [cluster.id],
    );
    expect(rows.map(({ id }) => id)).toEqual(decisions.map(({ id }) => id));
    expect(
      await countOf('SELECT count(*) FROM decision_batches WHERE cluster_id = $1', cluster),
    ).toBeGreaterThan(3);
  });

  test('is not recorded where the policies have changed', async () => {
    const cluster = await givenCluster(database);
    const stale = { ...cluster, generation: cluster.generation - 1n };
    expect(await append(stale, many(stale))).toEqual({ recorded: false, reason: 'GENERATION_MOVED' });
    expect(await recorded(cluster)).toBe(0);
  });

  test('is not recorded at all where its last decision can not be stored', async () => {
    const cluster = await givenCluster(database);
    const decisions = many(cluster);
    const broken = [...decisions, { ...newDecision(cluster), id: decisions[0]?.id ?? '' }];
    await expect(append(cluster, broken)).rejects.toThrow(/duplicate key/);
    expect(await recorded(cluster)).toBe(0);
    expect(await append(cluster, decisions)).toMatchObject({ recorded: true });
  });

  test('waits for no other one that waits for it', async () => {
    const clusters = [await givenCluster(database), await givenCluster(database)] as const;
    const requests = clusters.map((cluster, index) => {
      const decisions = many(cluster, 300).map((decision, number) => {
        const podContent = JSON.stringify({ kind: 'Pod', shared: number, filler: 'y'.repeat(3_000) });
        return { ...decision, podContent, podDigest: contentDigest(podContent) };
      });
      return append(cluster, index === 0 ? decisions : decisions.toReversed());
    });
    expect((await Promise.all(requests)).map(({ recorded: isRecorded }) => isRecorded)).toEqual([true, true]);
  });

  test('lets no change of the policies in between', async () => {
    const cluster = await givenCluster(database);
    const appending = append(cluster, many(cluster, 2_000));
    const change = inTransaction(database, (tx) =>
      updateCluster(tx, cluster.id, { ...cluster, displayName: 'changed' }, 'test'),
    );
    await Promise.all([appending, change]);
    expect([0, 2_000]).toContain(await recorded(cluster));
  });
});
