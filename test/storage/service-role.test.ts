import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { parseSigningKey } from '../../src/access/signing-key.js';
import type { Cluster } from '../../src/model/cluster.js';
import { signCheckpoints } from '../../src/operations/decisions/keep-log.js';
import { dropEmptyPartitions, removeExpired } from '../../src/operations/decisions/remove-expired.js';
import { updateCluster } from '../../src/storage/clusters.js';
import { type Database, openDatabase } from '../../src/storage/database.js';
import { grantService, makeServiceRole, TABLES } from '../../src/storage/service-role.js';
import { inTransaction } from '../../src/storage/transaction.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { signingWith } from '../support/operation-context.js';
import { appendTo, givenCluster, newDecision } from '../support/records.js';

let database: Database;
let cluster: Cluster;
let migrationDatabaseUrl: string;
beforeAll(async () => {
  migrationDatabaseUrl = await createDatabase(inject('templateDatabase'));
  const databaseUrl = await makeServiceRole(migrationDatabaseUrl);
  database = await openDatabase({
    databaseUrl,
    migrationDatabaseUrl,
    dataDir: '/nonexistent',
    databasePoolSize: 4,
  });
  cluster = await givenCluster(database);
  await appendTo(database, cluster, newDecision(cluster), newDecision(cluster));
  afterAll(async () => {
    await database.close();
    await dropDatabase(migrationDatabaseUrl);
  });
});

const month = new Date().toISOString().slice(0, 7).replace('-', '_');

test.each([
  ['UPDATE', `UPDATE decisions SET reason = 'forged'`],
  ['DELETE', 'DELETE FROM decisions'],
  ['TRUNCATE', 'TRUNCATE decisions'],
  ['DELETE in a partition', `DELETE FROM decisions_${month}`],
  ['DELETE of batches', 'DELETE FROM decision_batches'],
  ['UPDATE of checkpoints', `UPDATE decision_checkpoints SET digest = ''`],
  ['UPDATE of a stored workload', `UPDATE pod_contents SET content = ''`],
  [
    'DELETE in the name of retention',
    `BEGIN; SET LOCAL podgate.removing = 'on'; DELETE FROM decisions; COMMIT`,
  ],
  ['switching the guards off', 'ALTER TABLE decisions DISABLE TRIGGER ALL'],
  ['switching the guards off for the session', `SET session_replication_role = replica`],
  ['detaching a partition', `ALTER TABLE decisions DETACH PARTITION decisions_${month}`],
  ['DROP', 'DROP TABLE decisions'],
  ['retiring a signing key', 'UPDATE signing_keys SET retired_at = now()'],
])('the role of the service is refused %s', async (_, sql) => {
  const client = await database.pool.connect();
  await expect(client.query(sql)).rejects.toThrow(/permission denied|must be owner/);
  client.release(true);
});

test('the role of the service makes partitions, and removes decisions only by leaving a checkpoint', async () => {
  const key = parseSigningKey(Buffer.alloc(32, 1).toString('base64'));
  const keeping = {
    database,
    signing: signingWith(key),
    now: () => new Date(Date.now() + 86_400_000 * 2),
  };
  await database.pool.query('SELECT ensure_decision_partitions(5)');
  expect(await dropEmptyPartitions(keeping)).toBe(0);
  await signCheckpoints(keeping);
  await inTransaction(database, (tx) => updateCluster(tx, cluster.id, { ...cluster, retention: 1 }, 'test'));
  expect(await removeExpired(keeping)).toBe(2n);
  const { rows } = await database.pool.query('SELECT kind, sequence FROM decision_checkpoints ORDER BY kind');
  expect(rows).toEqual([
    { kind: 'HEAD', sequence: '2' },
    { kind: 'REMOVAL', sequence: '2' },
  ]);
});

/** What the service's role may do with each table; partitions and the list of migrations apart. */
async function rights(): Promise<Record<string, string[]>> {
  const { rows } = await database.pool.query<{ name: string; rights: string[] }>(`
    SELECT relname AS name, ARRAY(
      SELECT kind FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS kind
      WHERE has_table_privilege(c.oid, kind)) AS rights
    FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND relname <> '_prisma_migrations'`);
  return Object.fromEntries(rows.map(({ name, rights: of }) => [name, of]));
}

test('for each table of the schema it is said what the service may change there, and it may just that', async () => {
  const schema = readFileSync(join(import.meta.dirname, '../../prisma/schema.prisma'), 'utf8');
  const tables = [...schema.matchAll(/^ {2}@@map\("(\w+)"\)/gm)].map(([, name]) => name ?? '');
  expect(Object.keys(TABLES).sort()).toEqual(tables.sort());
  const expected = Object.entries(TABLES).map(([name, changes]) => [name, ['SELECT', 'INSERT', ...changes]]);
  expect(await rights()).toEqual(Object.fromEntries(expected));
});

test('what is recorded can only be read and added to, and nothing is removed but what can be made again', async () => {
  const all = Object.entries(await rights());
  const withRight = (kind: string) => all.flatMap(([name, of]) => (of.includes(kind) ? [name] : [])).sort();
  const recorded = ['changes', 'decision_batches', 'decision_checkpoints', 'decisions', 'pod_contents'];
  const versions = ['pod_spec_revisions', 'policy_versions', 'signing_keys'];
  expect(withRight('UPDATE').filter((name) => [...recorded, ...versions].includes(name))).toEqual([]);
  const derived = ['admission_ties', 'decision_segments', 'decision_terms', 'idempotency_keys'];
  expect(withRight('DELETE')).toEqual(derived);
  expect(withRight('TRUNCATE')).toEqual([]);
});

test('a table that only a newer program knows stays as that one granted it', async () => {
  const owner = await openDatabase({
    databaseUrl: migrationDatabaseUrl,
    dataDir: '/nonexistent',
    databasePoolSize: 1,
  });
  try {
    await owner.pool.query('CREATE TABLE of_later (id int)');
    await owner.pool.query('CREATE TABLE of_the_owner (id int)');
    const role = new URL(database.url).username;
    await owner.pool.query(`GRANT SELECT, INSERT ON of_later TO ${role}`);
    await grantService(migrationDatabaseUrl, database.url);
    expect(await rights()).toMatchObject({ of_later: ['SELECT', 'INSERT'], of_the_owner: [] });
  } finally {
    await owner.pool.query('DROP TABLE IF EXISTS of_later, of_the_owner');
    await owner.close();
  }
});

test('where the tables are there, the role of the service does with its own URL alone', async () => {
  const alone = await openDatabase({
    databaseUrl: database.url,
    dataDir: '/nonexistent',
    databasePoolSize: 2,
  });
  onTestFinished(() => alone.close());
  await appendTo(alone, cluster, newDecision(cluster));
  expect(await alone.isReady()).toBe(true);
});

test('where a migration is missing, it is said whose URL is needed for it', async () => {
  const owner = new pg.Client({ connectionString: migrationDatabaseUrl });
  await owner.connect();
  onTestFinished(() => owner.end());
  await owner.query(`UPDATE _prisma_migrations SET finished_at = NULL`);
  const opening = openDatabase({ databaseUrl: database.url, dataDir: '/nonexistent', databasePoolSize: 2 });
  await expect(opening).rejects.toThrow(
    "The database can't be migrated by a role that doesn't own its tables: set PODGATE_MIGRATION_DATABASE_URL",
  );
  await owner.query(`UPDATE _prisma_migrations SET finished_at = now()`);
});
