import { afterEach, beforeAll, expect, test } from 'vitest';
import { updateCluster } from '../../src/storage/clusters.js';
import type { Database } from '../../src/storage/database.js';
import { type DecisionFeed, openDecisionFeed } from '../../src/storage/decision-feed.js';
import { inTransaction } from '../../src/storage/transaction.js';
import { testDatabase } from '../support/database.js';
import { givenCluster } from '../support/records.js';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

const feeds: DecisionFeed[] = [];
afterEach(async () => {
  for (const feed of feeds.splice(0)) await feed.close();
});

/** A feed, as a process of its own has one, and what it was told about policy sets. */
async function openFeed() {
  const moved: (string | null)[] = [];
  const feed = openDecisionFeed(database, (clusterId) => moved.push(clusterId));
  feeds.push(feed);
  await expect.poll(() => moved).toEqual([null]);
  return { feed, moved };
}

const NEVER = new AbortController().signal;

async function elapsed(waiting: Promise<void>): Promise<number> {
  const start = performance.now();
  await waiting;
  return performance.now() - start;
}

test('wakes those who wait in this process at once, and in others a moment later', async () => {
  const [here, there] = [await openFeed(), await openFeed()];
  const waiting = [here.feed.next('a', NEVER), there.feed.next('a', NEVER)];
  here.feed.recorded('a');
  expect(await elapsed(Promise.all(waiting).then(() => undefined))).toBeLessThan(2_000);
});

test('does not wake those who wait for another cluster, and stops waiting when told to', async () => {
  const { feed } = await openFeed();
  const stop = new AbortController();
  const other = elapsed(feed.next('b', stop.signal));
  feed.recorded('a');
  setTimeout(() => stop.abort(), 300);
  expect(await other).toBeGreaterThan(250);
});

test('tells of policy sets that have changed, also after its connection was cut', async () => {
  const { moved } = await openFeed();
  const cluster = await givenCluster(database);
  const change = () => inTransaction(database, (tx) => updateCluster(tx, cluster.id, cluster, 'test'));
  await change();
  await expect.poll(() => moved).toEqual([null, cluster.id]);
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
  );
  await expect.poll(() => moved, { timeout: 5_000 }).toEqual([null, cluster.id, null]);
  await change();
  await expect.poll(() => moved).toEqual([null, cluster.id, null, cluster.id]);
});
