import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Cluster } from '../../../src/model/cluster.js';
import { verifyExport } from '../../../src/model/verify-export.js';
import type { Services } from '../../../src/operations/context.js';
import { exportLog } from '../../../src/operations/decisions/export-log.js';
import { foldLogs, makePartitions } from '../../../src/operations/decisions/keep-log.js';
import { dropEmptyPartitions, removeExpired } from '../../../src/operations/decisions/remove-expired.js';
import { verifyDecisions } from '../../../src/operations/decisions/verify-decisions.js';
import { appendDecisions } from '../../../src/storage/append-decisions.js';
import { updateCluster } from '../../../src/storage/clusters.js';
import {
  dropEmptyPartition,
  findExpiredPartition,
  removeDecisions,
  removePartition,
} from '../../../src/storage/remove-decisions.js';
import { exportedLog } from '../../../src/rest/export-log.js';
import { inTransaction, readOnly } from '../../../src/storage/transaction.js';
import { testDatabase } from '../../support/database.js';
import { contextOf, TEST_SIGNING_KEY, testServices } from '../../support/operation-context.js';
import { appendTo, givenCluster, newDecision } from '../../support/records.js';

const database = await testDatabase();
const services = testServices(database);
/** In two days: what is recorded today and kept for a day has expired. */
const later: Services = { ...services, now: () => new Date(Date.now() + 2 * 86_400_000) };
/** An append that has to wait for longer counts as stopped. */
const MOMENT_MS = 2_000;

let month = -1;
/** A month from 2020 on, another one for each test, with its partition. */
async function givenPartition(): Promise<{ name: string; id: () => string }> {
  month += 1;
  const [from, to] = [month, month + 1].map((each) => new Date(Date.UTC(2020, each)).toISOString());
  const name = `decisions_${from?.slice(0, 7).replace('-', '_')}`;
  await database.pool.query(`CREATE TABLE ${name} (LIKE decisions INCLUDING ALL);
    SELECT prepare_decision_partition('${name}');
    ALTER TABLE decisions ATTACH PARTITION ${name} FOR VALUES FROM (uuidv7_floor('${from}')) TO (uuidv7_floor('${to}'))`);
  const msecs = Date.UTC(2020, month, 1, 12);
  return { name, id: () => uuidv7({ msecs }) };
}

async function keptFor(days: number | null): Promise<Cluster> {
  const cluster = await givenCluster(database);
  return inTransaction(database, (tx) =>
    updateCluster(tx, cluster.id, { ...cluster, retention: days }, 'test'),
  );
}

async function exists(table: string): Promise<boolean> {
  const { rows } = await database.pool.query('SELECT to_regclass($1) IS NOT NULL AS exists', [table]);
  return rows[0].exists;
}

const verify = (cluster: Cluster) => verifyDecisions(contextOf(services), { cluster: cluster.name });

/** Verifies an export of the log, as somebody does who has no server. */
async function verifyExported({ name }: Cluster) {
  const context = contextOf(services);
  let text = '';
  for await (const part of exportedLog(context, await exportLog(context, { cluster: name }))) text += part;
  async function* lines() {
    yield* text.split('\n').slice(0, -1);
  }
  const { valid, checked, firstProblem } = await verifyExport(lines(), [TEST_SIGNING_KEY]);
  return { valid, checked, firstProblem };
}

/** How many rows of a table are about a log. */
async function rowsOf(table: string, { id }: Cluster): Promise<number> {
  const { rows } = await database.pool.query(
    `SELECT count(*)::int AS rows FROM (SELECT * FROM ${table}) AS them WHERE cluster_id = $1`,
    [id],
  );
  return rows[0].rows;
}

/** Makes an operation on a table fail, as a crash in the middle of it does, until it is given up. */
async function failing(operation: 'INSERT' | 'DELETE' | 'TRUNCATE', table: string) {
  await database.pool.query(`
    CREATE OR REPLACE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'crashed'; END $$;
    CREATE TRIGGER crash BEFORE ${operation} ON ${table} EXECUTE FUNCTION crash()`);
  return () => database.pool.query(`DROP TRIGGER crash ON ${table}`);
}

/** An append like that of a running service, which fails instead of waiting for a lock. */
async function appendNow(cluster: Cluster): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query(`SET lock_timeout = ${MOMENT_MS}`);
    const request = {
      clusterId: cluster.id,
      generation: cluster.generation,
      decisions: [newDecision(cluster)],
    };
    expect(await appendDecisions(client, [request])).toMatchObject([{ recorded: true }]);
  } finally {
    await client.query('RESET lock_timeout');
    client.release();
  }
}

/** A connection in the middle of a transaction, rolled back after the test. */
async function inTheMiddle(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('BEGIN');
  onTestFinished(() => client.end());
  return client;
}

beforeEach(async () => {
  await removeExpired(later);
  await dropEmptyPartitions(later);
});

describe('a partition of the past', () => {
  test('is emptied and dropped once all in it has expired, and every log still verifies', async () => {
    const { name, id } = await givenPartition();
    const [short, other] = [await keptFor(1), await keptFor(1)];
    await appendTo(database, short, newDecision(short, { id: id() }), newDecision(short, { id: id() }));
    await appendTo(database, short, newDecision(short));
    await appendTo(database, other, newDecision(other, { id: id() }));
    expect(await removeExpired(later)).toBe(4n);
    const { rows } = await database.pool.query(`SELECT pg_relation_size('${name}')::int AS size`);
    expect(rows).toEqual([{ size: 0 }]);
    expect(await dropEmptyPartitions(later)).toBe(1);
    expect(await exists(name)).toBe(false);
    for (const cluster of [short, other]) {
      expect(await verify(cluster)).toEqual({ valid: true, checked: 0n, firstProblem: null });
      await appendNow(cluster);
      expect(await verify(cluster)).toEqual({ valid: true, checked: 1n, firstProblem: null });
    }
  });

  test('stays while another cluster keeps a decision in it, which stays too', async () => {
    const { name, id } = await givenPartition();
    const [short, long] = [await keptFor(1), await keptFor(null)];
    await appendTo(database, short, newDecision(short, { id: id() }));
    await appendTo(database, long, newDecision(long, { id: id() }));
    expect(await removeExpired(later)).toBe(1n);
    expect(await dropEmptyPartitions(later)).toBe(0);
    expect(await exists(name)).toBe(true);
    expect(await verify(short)).toMatchObject({ valid: true, checked: 0n });
    expect(await verify(long)).toMatchObject({ valid: true, checked: 1n });
  });

  test('is removed without a look at its rows, with the few that were recorded between them', async () => {
    const { name, id } = await givenPartition();
    const [one, other] = [await keptFor(1), await keptFor(1)];
    const old = (cluster: Cluster) => newDecision(cluster, { id: id() });
    // The last of the month that is over was recorded in one commit with the first of the next.
    await appendTo(database, one, old(one), newDecision(one), old(one), newDecision(one));
    await appendTo(database, other, old(other));
    await database.pool.query(`CREATE FUNCTION one_by_one() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'deleted one by one'; END $$;
      CREATE TRIGGER one_by_one BEFORE DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION one_by_one()`);
    expect(await removeExpired(later)).toBe(5n);
    expect(await rowsOf('decisions', one)).toBe(0);
    for (const cluster of [one, other]) {
      expect(await verify(cluster)).toEqual({ valid: true, checked: 0n, firstProblem: null });
      await appendNow(cluster);
      expect(await verifyExported(cluster)).toEqual({ valid: true, checked: 1n, firstProblem: null });
    }
  });

  test('is not removed with what came in after it was looked at', async () => {
    const { name, id } = await givenPartition();
    const cluster = await keptFor(1);
    await appendTo(database, cluster, newDecision(cluster, { id: id() }));
    const found = await findExpiredPartition(readOnly(database), later.now());
    expect(found).toMatchObject({ name, ends: [{ clusterId: cluster.id, sequence: 1n }] });
    await appendTo(database, cluster, newDecision(cluster, { id: id() }));
    const checkpoints = (found?.ends ?? []).map((end) =>
      TEST_SIGNING_KEY.sign({ ...end, kind: 'REMOVAL', signedAt: new Date() }),
    );
    expect(await removePartition(readOnly(database), name, checkpoints)).toBe(null);
    expect(await verify(cluster)).toMatchObject({ valid: true, checked: 2n });
    expect(await removeExpired(later)).toBe(2n);
    expect(await removePartition(readOnly(database), name, checkpoints)).toBe(null);
    expect(await verify(cluster)).toMatchObject({ valid: true, checked: 0n });
  });

  test('takes what comes too late into the default partition, from which it expires as well', async () => {
    const { id } = await givenPartition();
    expect(await dropEmptyPartitions(later)).toBe(1);
    const cluster = await keptFor(1);
    await appendTo(database, cluster, newDecision(cluster, { id: id() }));
    expect(await verify(cluster)).toMatchObject({ valid: true, checked: 1n });
    expect(await removeExpired(later)).toBe(1n);
    expect(await verify(cluster)).toMatchObject({ valid: true, checked: 0n });
  });
});

test('two servers that remove the same at once remove it once', async () => {
  const { id } = await givenPartition();
  const clusters = [await keptFor(1), await keptFor(1), await keptFor(1)];
  for (const cluster of clusters) {
    await appendTo(database, cluster, newDecision(cluster, { id: id() }), newDecision(cluster, { id: id() }));
    await appendTo(database, cluster, newDecision(cluster));
  }
  const [one, other] = await Promise.all([removeExpired(later), removeExpired(later)]);
  expect(one + other).toBe(9n);
  for (const cluster of clusters) expect(await verify(cluster)).toMatchObject({ valid: true, checked: 0n });
});

describe('where it is told to stop', () => {
  /** Tells it when it asks for the time so often. */
  function stoppedAt(times: number) {
    const stopping = new AbortController();
    let asked = 0;
    const now = () => {
      asked += 1;
      if (asked === times) stopping.abort();
      return later.now();
    };
    return [{ ...later, now }, stopping.signal] as const;
  }
  const isFolded = async ({ id }: Cluster) => {
    const sql = 'SELECT FROM decision_folds WHERE cluster_id = $1';
    return (await database.pool.query(sql, [id])).rows.length > 0;
  };

  test.each([
    ['after a whole partition, which is one step,', 1, true, 3n],
    ['before the first part', 2, false, 0n],
    ['after the first part', 3, false, 1n],
    ['after the second part', 4, false, 2n],
  ])('%s the log verifies, and the next time does the rest', async (_, times, inPartition, removed) => {
    const { id } = await givenPartition();
    const clusters = [await keptFor(1), await keptFor(1), await keptFor(1)];
    for (const cluster of clusters) {
      await appendTo(database, cluster, newDecision(cluster, inPartition ? { id: id() } : {}));
    }
    expect(await removeExpired(...stoppedAt(times))).toBe(removed);
    for (const cluster of clusters) expect(await verify(cluster)).toMatchObject({ valid: true });
    expect(await removeExpired(later)).toBe(3n - removed);
  });

  test('before its first step nothing is removed, dropped or folded', async () => {
    const { id } = await givenPartition();
    const cluster = await keptFor(1);
    await appendTo(database, cluster, newDecision(cluster, { id: id() }));
    const stop = AbortSignal.abort();
    await foldLogs(services, stop);
    expect(await isFolded(cluster)).toBe(false);
    expect(await removeExpired(later, stop)).toBe(0n);
    expect(await removeExpired(later)).toBe(1n);
    expect(await dropEmptyPartitions(later, stop)).toBe(0);
    expect(await dropEmptyPartitions(later)).toBeGreaterThan(0);
    await foldLogs(services);
    expect(await isFolded(cluster)).toBe(true);
  });
});

test('one by one only some thousand decisions are removed in a transaction, however few batches they are', async () => {
  const cluster = await keptFor(1);
  const content = newDecision(cluster);
  for (const count of [4_000, 4_000, 4_000, 1]) {
    const decisions = Array.from({ length: count }, () => ({ ...content, id: uuidv7() }));
    await appendTo(database, cluster, ...decisions);
  }
  expect(await removeExpired(later)).toBe(12_001n);
  const { rows } = await database.pool.query(
    'SELECT sequence::int FROM decision_checkpoints WHERE cluster_id = $1 ORDER BY sequence',
    [cluster.id],
  );
  expect(rows).toEqual([{ sequence: 8_000 }, { sequence: 12_001 }]);
  expect(await verify(cluster)).toMatchObject({ valid: true, checked: 0n });
});

describe('after a crash in the middle the log verifies, and the next time does the rest', () => {
  const cases = [
    ['leaving checkpoints', 'INSERT', 'decision_checkpoints', 2_200n],
    ['removing a partition', 'TRUNCATE', null, 2_200n],
    ['forgetting batches', 'DELETE', 'decision_batches', 0n],
    ['forgetting terms', 'DELETE', 'decision_terms', 0n],
    ['forgetting segments', 'DELETE', 'decision_segments', 0n],
  ] as const;

  test.each(cases)('%s', async (_, operation, table, checked) => {
    const { name, id } = await givenPartition();
    const cluster = await keptFor(1);
    for (let batch = 0; batch < 2; batch += 1) {
      const decisions = Array.from({ length: 1_100 }, () => newDecision(cluster, { id: id() }));
      await appendTo(database, cluster, ...decisions);
    }
    await foldLogs(services);
    const mend = await failing(operation, table ?? name);
    await expect(removeExpired(later)).rejects.toThrow('crashed');
    await mend();
    expect(await verify(cluster)).toEqual({ valid: true, checked, firstProblem: null });
    expect(await verifyExported(cluster)).toEqual({ valid: true, checked, firstProblem: null });
    expect(await removeExpired(later)).toBe(checked);
    expect(await verify(cluster)).toEqual({ valid: true, checked: 0n, firstProblem: null });
    expect(await verifyExported(cluster)).toEqual({ valid: true, checked: 0n, firstProblem: null });
    expect(await rowsOf('decisions', cluster)).toBe(0);
    expect(await rowsOf('decision_batches', cluster)).toBe(0);
    // The last segment goes with the sequences that it has room for.
    expect(await rowsOf('decision_segments', cluster)).toBe(1);
    expect(await rowsOf('decision_terms WHERE segment < 2', cluster)).toBe(0);
  });
});

describe('appends go on', () => {
  test('while expired decisions are removed and their partition is emptied', async () => {
    const { id } = await givenPartition();
    const [expiring, busy] = [await keptFor(1), await keptFor(null)];
    await appendTo(database, expiring, newDecision(expiring, { id: id() }), newDecision(expiring));
    const { rows } = await database.pool.query('SELECT digest FROM decision_heads WHERE cluster_id = $1', [
      expiring.id,
    ]);
    const statement = {
      clusterId: expiring.id,
      kind: 'REMOVAL',
      sequence: 2n,
      digest: rows[0].digest,
      signedAt: new Date(),
    } as const;
    await inTransaction(database, async (tx) => {
      expect(await removeDecisions(tx, TEST_SIGNING_KEY.sign(statement))).toBe(2n);
      // Its transaction is still open: all its locks are held.
      await appendNow(busy);
      await appendNow(expiring);
    });
    expect(await verify(expiring)).toEqual({ valid: true, checked: 1n, firstProblem: null });
  });

  test('while a partition is removed whole', async () => {
    const { name, id } = await givenPartition();
    const [expiring, busy] = [await keptFor(1), await keptFor(null)];
    await appendTo(database, expiring, newDecision(expiring, { id: id() }), newDecision(expiring));
    const ends = (await findExpiredPartition(readOnly(database), later.now()))?.ends ?? [];
    const checkpoints = ends.map((end) =>
      TEST_SIGNING_KEY.sign({ ...end, kind: 'REMOVAL', signedAt: new Date() }),
    );
    await inTransaction(database, async (tx) => {
      expect(await removePartition(tx, name, checkpoints)).toBe(2n);
      // Its transaction is still open: all its locks are held.
      await appendNow(busy);
      await appendNow(expiring);
    });
    expect(await verify(expiring)).toEqual({ valid: true, checked: 1n, firstProblem: null });
  });

  test('while partitions are made', async () => {
    const cluster = await keptFor(null);
    await inTransaction(database, async (tx) => {
      await tx.$executeRaw`SELECT ensure_decision_partitions(${17}::int)`;
      await appendNow(cluster);
    });
    await makePartitions(services);
    expect(await verify(cluster)).toMatchObject({ valid: true, checked: 1n });
  });

  test('where an append is under way: an empty partition is not waited for, and dropped afterwards', async () => {
    const { name } = await givenPartition();
    const cluster = await keptFor(null);
    const appending = await inTheMiddle();
    await appendDecisions(appending, [
      { clusterId: cluster.id, generation: cluster.generation, decisions: [newDecision(cluster)] },
    ]);
    const started = performance.now();
    expect(await dropEmptyPartition(readOnly(database))).toBe(false);
    expect(performance.now() - started).toBeLessThan(MOMENT_MS);
    const another = await keptFor(null);
    await appendNow(another);
    const dropping = dropEmptyPartitions(later);
    await sleep(120);
    await appendNow(another);
    await appending.query('COMMIT');
    expect(await dropping).toBe(1);
    expect(await exists(name)).toBe(false);
    expect(await verify(cluster)).toMatchObject({ valid: true, checked: 1n });
  });

  test('where a reader is at a partition that has expired: it is emptied in parts instead', async () => {
    const { id } = await givenPartition();
    const cluster = await keptFor(1);
    await appendTo(database, cluster, newDecision(cluster, { id: id() }));
    const reading = await inTheMiddle();
    await reading.query('SELECT count(*) FROM decisions');
    expect(await removeExpired(later)).toBe(1n);
    await reading.query('COMMIT');
    expect(await verify(cluster)).toMatchObject({ valid: true, checked: 0n });
  });
});

test('a decision with many candidates stays in its row', async () => {
  const cluster = await keptFor(null);
  const violation = (index: number) => ({
    control: 'runAsUser' as const,
    type: 'Invalid' as const,
    field: `spec.containers[${index}].securityContext.runAsUser`,
    container: `main-${index}`,
    value: index,
    message: 'must be in the ranges: [{1000 65535}]',
  });
  const candidates = Array.from({ length: 30 }, (_, index) => ({
    policy: `policy-${index}`,
    version: index + 1,
    outcome: 'REJECTED' as const,
    mutates: false,
    violations: [violation(index), violation(index + 1)],
  }));
  await appendTo(database, cluster, newDecision(cluster, { candidates }));
  const { rows } = await database.pool.query(`SELECT sum(pg_relation_size(reltoastrelid))::int AS bytes
    FROM pg_class WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'decisions'::regclass)`);
  expect(rows).toEqual([{ bytes: 0 }]);
});
