import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pg from 'pg';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
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
  vi.restoreAllMocks();
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

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of what can still be reached. */
async function heapUsed(): Promise<number> {
  await sleep(50); // weak references hold until the end of the turn in which they were made
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const cutConnections = () =>
  database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
  );

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

type End = (feed: DecisionFeed, stop: AbortController) => unknown;

test.each<[string, End]>([
  ['decisions were recorded', (feed) => feed.recorded('a')],
  ['it was told to stop', (_, stop) => stop.abort()],
  ['some seconds are over', () => undefined],
  ['the feed was closed', (feed) => feed.close()],
])('waits until %s, and leaves nothing behind', async (_, end) => {
  const { feed } = await openFeed();
  const stop = new AbortController();
  const begun = vi.spyOn(globalThis, 'setTimeout');
  const ended = vi.spyOn(globalThis, 'clearTimeout');
  const waiting = [feed.next('a', stop.signal), feed.next('a', stop.signal)];
  expect(begun.mock.calls.map(([, milliseconds]) => milliseconds)).toEqual([5_000, 5_000]);
  const timers = begun.mock.results.map(({ value }) => value);
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(2);
  await Promise.all([end(feed, stop), ...waiting]);
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  expect(ended.mock.calls.flat()).toEqual(expect.arrayContaining(timers));
});

test.each<[string, End]>([
  ['the feed was closed', (feed) => feed.close()],
  ['it was told to stop', (_, stop) => stop.abort()],
])('does not wait where %s before', async (_, end) => {
  const { feed } = await openFeed();
  const stop = new AbortController();
  await end(feed, stop);
  expect(await elapsed(feed.next('a', stop.signal))).toBeLessThan(1_000);
});

test('takes no memory of those who have waited', async () => {
  const { feed } = await openFeed();
  const wait = async (times: number) => {
    for (let index = 0; index < times; index += 1) {
      const waiting = feed.next('a', NEVER);
      feed.recorded('a');
      await waiting;
    }
    return heapUsed();
  };
  const before = await wait(1_000);
  expect((await wait(20_000)) - before).toBeLessThan(500_000);
});

test('tells of policy sets that have changed, also after its connection was cut', async () => {
  const { moved } = await openFeed();
  const cluster = await givenCluster(database);
  const change = () => inTransaction(database, (tx) => updateCluster(tx, cluster.id, cluster, 'test'));
  await change();
  await expect.poll(() => moved).toEqual([null, cluster.id]);
  await cutConnections();
  await expect.poll(() => moved, { timeout: 5_000 }).toEqual([null, cluster.id, null]);
  await change();
  await expect.poll(() => moved).toEqual([null, cluster.id, null, cluster.id]);
});

test.each([
  ['breaks', () => database.url],
  ['can not be made', () => 'postgresql://a:b@127.0.0.1:1/nothing-listens-here'],
])('leaves nothing behind of a connection that %s', async (_, url) => {
  const connect = vi.spyOn(pg.Client.prototype, 'connect');
  const listen = vi.spyOn(EventTarget.prototype, 'addEventListener');
  feeds.push(openDecisionFeed({ url: url(), pool: database.pool }, () => void cutConnections()));
  const stopping = listen.mock.contexts[0] as AbortSignal; // at nothing else is listened before
  await expect.poll(() => connect.mock.calls.length, { timeout: 10_000 }).toBeGreaterThan(3);
  // Of the connection that is being made, or of the pause before it.
  expect(getEventListeners(stopping, 'abort').length).toBeLessThanOrEqual(1);
});
