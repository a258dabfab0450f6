import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Cluster } from '../../../src/model/cluster.js';
import type { Services } from '../../../src/operations/context.js';
import {
  dropEmptyPartitions,
  makePartitions,
  removeExpired,
} from '../../../src/operations/decisions/keep-log.js';
import { verifyDecisions } from '../../../src/operations/decisions/verify-decisions.js';
import { appendDecisions } from '../../../src/storage/append-decisions.js';
import { dropEmptyPartition, removeDecisions } from '../../../src/storage/checkpoints.js';
import { updateCluster } from '../../../src/storage/clusters.js';
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

let month = 0;
/** A month of 2020, another one for each test, with its partition. */
async function givenPartition(): Promise<{ name: string; id: () => string }> {
  month += 1;
  const [from, to] = [month, month + 1].map((each) => `2020-${String(each).padStart(2, '0')}-01`);
  const name = `decisions_2020_${String(month).padStart(2, '0')}`;
  await database.pool.query(`CREATE TABLE ${name} (LIKE decisions INCLUDING ALL);
    SELECT prepare_decision_partition('${name}');
    ALTER TABLE decisions ATTACH PARTITION ${name} FOR VALUES FROM (uuidv7_floor('${from}')) TO (uuidv7_floor('${to}'))`);
  return { name, id: () => uuidv7({ msecs: Date.parse(`${from}T12:00:00Z`) }) };
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

  test('where a reader is at a partition that has expired: it is emptied by rows instead', async () => {
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
