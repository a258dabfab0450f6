import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/database.js';
import { findClusterByName } from '../../src/storage/clusters.js';
import { openDecisionLog } from '../../src/storage/decision-log.js';
import { inLongTransaction, inTransaction, readOnly, type Tx } from '../../src/storage/transaction.js';
import { createDatabase, dropDatabase, testDatabase } from '../support/database.js';
import { givenCluster, newDecision } from '../support/records.js';
import { openWay } from '../support/way.js';

const open = (databaseUrl: string) =>
  openDatabase({ databaseUrl, dataDir: '/nonexistent', databasePoolSize: 4, patienceMs: 300 });

describe('opening a database', () => {
  test('migrates an empty one and is ready', async () => {
    const url = await createDatabase('template1');
    const database = await open(url);
    expect(await database.isReady()).toBe(true);
    expect(database.poolState().total).toBeGreaterThan(0);
    await database.close();
    await dropDatabase(url);
  });

  test('says in one line that nobody listens, without user and password', async () => {
    const failure = open('postgresql://someone:secret@127.0.0.1:1/podgate');
    await expect(failure).rejects.toThrow(
      /^The database at 127\.0\.0\.1:1\/podgate can't be used: .*ECONNREFUSED/,
    );
    await expect(failure).rejects.not.toThrow(/secret|someone/);
  });

  test('says at once that the password is wrong', async () => {
    const url = new URL(inject('postgresUrl'));
    url.password = 'wrong';
    await expect(open(url.href)).rejects.toThrow(/password authentication failed/);
  });

  test('says at once that there is no such database', async () => {
    const url = new URL(inject('postgresUrl'));
    url.pathname = '/nowhere';
    await expect(open(url.href)).rejects.toThrow(/database "nowhere" does not exist/);
  });

  test('says that what listens is no PostgreSQL', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    afterAll(() => server.close());
    const { port } = server.address() as AddressInfo;
    await expect(open(`postgresql://x:y@127.0.0.1:${port}/z`)).rejects.toThrow(/can't be used: /);
  });
});

describe('a database that was away at the start', () => {
  test.each<[string, (url: URL, pool: Database['pool']) => Promise<unknown>, RegExp]>([
    ['the password is wrong', async (url) => (url.password = 'wrong'), /password authentication failed/],
    [
      'the migrations fail',
      async (_, pool) => pool.query('DROP TABLE _prisma_migrations'),
      /^The database can't be migrated: /,
    ],
  ])('tells once that it is away, and once that %s when it is back', async (_, spoil, reason) => {
    const there = await testDatabase();
    const way = await openWay(there.url);
    way.cut();
    const url = new URL(way.url);
    await spoil(url, there.pool);
    const told: string[] = [];
    const database = await openDatabase({
      databaseUrl: url.href,
      dataDir: '/nonexistent',
      databasePoolSize: 4,
      startsWithout: true,
      onPrepareFailure: (error) => told.push(error instanceof Error ? error.message : ''),
    });
    await sleep(1_500);
    await way.mend();
    await expect.poll(() => told.length, { timeout: 10_000 }).toBe(2);
    await sleep(1_500);
    expect(told).toEqual([expect.stringContaining('ECONNREFUSED'), expect.stringMatching(reason)]);
    expect(await database.isReady()).toBe(false);
    await database.close();
    way.cut();
  });
});

describe('a database that goes away', () => {
  test('is UNAVAILABLE with a time to try again, and serves again when it is back', async () => {
    const database = await testDatabase();
    const cluster = await givenCluster(database);
    const name = new URL(database.url).pathname.slice(1);
    const other = await open(await createDatabase('template1'));
    const sever = async (allowed: boolean) => {
      await other.pool.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS ${allowed}`);
      await other.pool.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
        name,
      ]);
    };
    await sever(false);
    const unavailable = { code: 'UNAVAILABLE', retryAfterSeconds: 2 };
    await expect(findClusterByName(readOnly(database), 'x')).rejects.toMatchObject(unavailable);
    await expect(inTransaction(database, (tx) => findClusterByName(tx, 'x'))).rejects.toMatchObject(
      unavailable,
    );
    const log = openDecisionLog(database);
    await expect(log.append(cluster.id, cluster.generation, [newDecision(cluster)])).rejects.toMatchObject(
      unavailable,
    );
    await log.close();
    expect(await database.isReady()).toBe(false);
    await sever(true);
    expect(await findClusterByName(readOnly(database), cluster.name)).toEqual(cluster);
    await other.close();
    await dropDatabase(other.url);
  });

  test('a name that is taken is a CONFLICT, also inside a transaction', async () => {
    const database = await testDatabase();
    const cluster = await givenCluster(database);
    await expect(givenCluster(database, cluster.name)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

test('a statement may take 30 seconds, but for those of a long transaction', async () => {
  const database = await testDatabase();
  const limitIn = async (tx: Tx) => {
    const [row] = await tx.$queryRaw<{ limit: string }[]>`
      SELECT current_setting('statement_timeout') AS limit`;
    return row?.limit;
  };
  expect(await inLongTransaction(database, limitIn)).toBe('0');
  expect(await inTransaction(database, limitIn)).toBe('30s');
  const rows = await Promise.all(Array.from({ length: 10 }, () => limitIn(readOnly(database))));
  expect(new Set(rows)).toEqual(new Set(['30s']));
});
