import { PrismaPg } from '@prisma/adapter-pg';
import { afterEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { PrismaClient } from '../../src/generated/prisma/client.js';
import { translateError } from '../../src/storage/errors.js';
import { openPool, type PoolLimits } from '../../src/storage/pool.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { openWay } from '../support/way.js';

const QUICK = { silence: 1_000 };
const MOST_MS = 3_000;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A pool whose way to the server can be made to swallow everything. */
async function poolOnTheWay(limits: Partial<PoolLimits> = QUICK) {
  const url = await createDatabase('template1');
  const way = await openWay(url);
  const pool = openPool(way.url, 2, { limits });
  closing.push(
    () => dropDatabase(url),
    async () => way.cut(),
    () => pool.end(),
  );
  return { way, pool, url };
}

/** What became of some work, as the domain says it, and how long it took. */
async function failureOf(work: Promise<unknown>) {
  const began = performance.now();
  const error: unknown = await work.then(
    () => null,
    (failure: unknown) => translateError(failure),
  );
  return { error, took: performance.now() - began };
}

const UNAVAILABLE = expect.objectContaining({ code: 'UNAVAILABLE' });

describe('a server that is gone without a word', () => {
  test('fails the query that waits for it, and the pool works again when it is back', async () => {
    const { way, pool } = await poolOnTheWay();
    await pool.query('SELECT 1');
    way.holdUp();
    const { error, took } = await failureOf(pool.query('SELECT 1'));
    expect(error).toEqual(UNAVAILABLE);
    expect(took).toBeLessThan(MOST_MS);
    way.letGo();
    expect((await pool.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
    expect(pool.totalCount).toBeLessThanOrEqual(2);
  });

  test('fails a transaction in its middle, and gives its connection up', async () => {
    const { way, pool } = await poolOnTheWay();
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
    const { error, took } = await failureOf(
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`CREATE TABLE half (done int)`;
        way.holdUp();
        await tx.$executeRaw`INSERT INTO half VALUES (1)`;
      }),
    );
    expect(error).toEqual(UNAVAILABLE);
    expect(took).toBeLessThan(MOST_MS);
    way.letGo();
    const { rows } = await pool.query(`SELECT to_regclass('half') AS half`);
    expect(rows).toEqual([{ half: null }]);
    await prisma.$disconnect();
  });

  test('fails those who wait for a connection, also a new one', { timeout: 20_000 }, async () => {
    const { way, pool } = await poolOnTheWay();
    way.holdUp();
    const failures = await Promise.all(Array.from({ length: 4 }, () => failureOf(pool.query('SELECT 1'))));
    expect(failures.map(({ error }) => error)).toEqual(failures.map(() => UNAVAILABLE));
    for (const { took } of failures) expect(took).toBeLessThan(8_000);
  });
});

describe('a server that answers', () => {
  test('may take longer than one that is suspected to be gone', async () => {
    const { pool } = await poolOnTheWay();
    const { rows } = await pool.query('SELECT pg_sleep(2), 1 AS slept');
    expect(rows).toMatchObject([{ slept: 1 }]);
  });

  test('may take longer also while it has no connection to spare', async () => {
    const { pool, url } = await poolOnTheWay();
    const name = new URL(url).pathname.slice(1);
    await pool.query('SELECT 1');
    const slow = pool.query('SELECT pg_sleep(2), 1 AS slept');
    const other = openPool(inject('postgresUrl'), 1);
    onTestFinished(() => other.end());
    await other.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
    expect((await slow).rows).toMatchObject([{ slept: 1 }]);
  });

  test('stops a statement that waits too long for a lock', async () => {
    const { pool } = await poolOnTheWay({ statement: 300 });
    await pool.query('CREATE TABLE locked ()');
    const holder = await pool.connect();
    await holder.query('BEGIN; LOCK TABLE locked');
    const { error, took } = await failureOf(pool.query('TABLE locked'));
    holder.release(true);
    expect(error).toEqual(UNAVAILABLE);
    expect(took).toBeLessThan(MOST_MS);
  });
});
