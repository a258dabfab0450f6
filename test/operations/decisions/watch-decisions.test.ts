import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Prisma } from '../../../src/generated/prisma/client.js';
import type { Cluster } from '../../../src/model/cluster.js';
import type { Decision, DecisionFilter, NewDecision } from '../../../src/model/decision.js';
import { watchDecisions } from '../../../src/operations/decisions/watch-decisions.js';
import { appendDecisions } from '../../../src/storage/append-decisions.js';
import type { Database } from '../../../src/storage/database.js';
import { foldDecisions } from '../../../src/storage/fold-decisions.js';
import { inTransaction } from '../../../src/storage/transaction.js';
import { testDatabase } from '../../support/database.js';
import { contextOf, testServices } from '../../support/operation-context.js';
import { appendTo, givenCluster, newDecision } from '../../support/records.js';

let database: Database;
let cluster: Cluster;
beforeAll(async () => {
  database = await testDatabase();
});

const WANTED: DecisionFilter = { actor: 'wanted' };
const wanted = () => newDecision(cluster, { actor: 'wanted' });
const others = (count: number): readonly NewDecision[] =>
  Array.from({ length: count }, () => newDecision(cluster, { actor: 'another' }));

/** Called around each search in the log, with what it is given. */
interface Search {
  readonly before?: (values: readonly unknown[]) => unknown;
  readonly after?: () => unknown;
}

/** The database, whose searches can be seen. */
function seen({ before, after }: Search): Database {
  const $queryRaw = async (given: TemplateStringsArray | Prisma.Sql, ...values: readonly unknown[]) => {
    const query = 'raw' in given ? Prisma.sql(given, ...values) : given;
    const isSearch = query.text.includes('ORDER BY d.sequence');
    if (isSearch) await before?.(query.values);
    const rows = await database.prisma.$queryRaw(query);
    if (isSearch) await after?.();
    return rows;
  };
  const prisma = new Proxy(database.prisma, {
    get: (client, name) => (name === '$queryRaw' ? $queryRaw : Reflect.get(client, name)),
  });
  return { ...database, prisma };
}

/** Watches a new cluster; gives the sequences that it was told, and how often it has looked. */
async function watch(filter: DecisionFilter, search: Search = {}, after: bigint | null = null) {
  cluster = await givenCluster(database);
  const told: bigint[] = [];
  let looks = 0;
  let waiting = 0;
  const next = async () => {
    looks += 1;
    waiting += 1;
    expect(waiting).toBe(1); // each that waits listens to the signal
    await sleep(20);
    waiting -= 1;
  };
  const context = contextOf(testServices(seen(search), { decisionFeed: { next } }));
  const stop = new AbortController();
  const watched: AsyncIterable<Decision> = await watchDecisions(
    context,
    { cluster: cluster.name, filter, after },
    stop.signal,
  );
  const ended = (async () => {
    for await (const { sequence } of watched) told.push(sequence);
  })();
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  /** Resolves when all that is recorded has been looked at. */
  const looked = async () => {
    const now = looks;
    await expect.poll(() => looks).toBeGreaterThan(now + 2);
  };
  return { told, looked };
}

describe('watching decisions', () => {
  test.each<[string, DecisionFilter]>([
    ['a filter by which segments are found', { name: 'nobody' }],
    ['a filter by which none are', { mode: 'AUDIT' }],
  ])('reads once what does not match %s', async (_, filter) => {
    const from: unknown[] = [];
    const { told, looked } = await watch(filter, {
      // Nothing is said of where the whole log begins.
      before: ([, low]) => from.push(typeof low === 'bigint' ? low : 1n),
    });
    for (let round = 0; round < 3; round += 1) {
      await appendTo(database, cluster, ...others(10));
      await looked();
    }
    expect(from).toEqual([1n, 11n, 21n]);
    expect(told).toEqual([]);
  });

  test.each<[string, (append: () => Promise<unknown>) => Search]>([
    ['before the log is searched', (append) => ({ before: append })],
    ['after it was searched', (append) => ({ after: append })],
  ])('tells once of what is recorded %s, and its end is known', async (_, searchWith) => {
    let rounds = 3;
    const append = async () => {
      if (rounds > 0) await appendTo(database, cluster, ...others(2), wanted(), ...others(1));
      rounds -= 1;
    };
    const { told, looked } = await watch(WANTED, searchWith(append));
    await appendTo(database, cluster, ...others(1));
    await expect.poll(() => rounds).toBeLessThanOrEqual(0);
    await looked();
    await appendTo(database, cluster, wanted());
    await expect.poll(() => told).toEqual([4n, 8n, 12n, 14n]);
  });

  test('tells of what an append records that began before it looked, and of what waited for that one', async () => {
    const { told, looked } = await watch(WANTED);
    const { id: clusterId, generation } = cluster;
    const slow = await database.pool.connect();
    onTestFinished(() => slow.release());
    await slow.query('BEGIN');
    await appendDecisions(slow, [{ clusterId, generation, decisions: [...others(1), wanted()] }]);
    const quick = appendTo(database, cluster, wanted(), ...others(1));
    await looked();
    expect(told).toEqual([]);
    await slow.query('COMMIT');
    await quick;
    await expect.poll(() => told).toEqual([2n, 3n]);
  });

  test.each<[string, bigint | null]>([
    ['what comes from now on', null],
    ['the beginning of the log', 0n],
    ['the middle of it', 700n],
  ])('misses nothing that many record at the same time, from %s', async (_, after) => {
    const { told, looked } = await watch(WANTED, {}, after);
    await appendTo(database, cluster, ...Array.from({ length: 250 }, wanted)); // more than a page
    const record = async () => {
      for (let index = 0; index < 25; index += 1)
        await appendTo(database, cluster, ...others(5), wanted(), ...others(4));
    };
    await Promise.all([record(), record(), record(), record()]);
    await inTransaction(database, (tx) => foldDecisions(tx, cluster.id));
    await looked();
    await appendTo(database, cluster, wanted());
    const first = Array.from({ length: 250 }, (_each, index) => BigInt(index + 1));
    const rest = Array.from({ length: 100 }, (_each, index) => BigInt(250 + index * 10 + 6));
    const all = [...first, ...rest, 1_251n].filter((sequence) => sequence > (after ?? 0n));
    await expect.poll(() => told).toEqual(all);
  });
});
