import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { signCheckpoints } from '../../src/operations/decisions/keep-log.js';
import { verifyDecisions } from '../../src/operations/decisions/verify-decisions.js';
import { openDatabase } from '../../src/storage/database.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { contextOf, testServices } from '../support/operation-context.js';
import { appendTo, givenCluster, newDecision } from '../support/records.js';

const run = promisify(execFile);

/** Whether there is a pg_dump that can dump the server of the tests: it may not be older. */
async function canDump(server: pg.Client): Promise<boolean> {
  const { rows } = await server.query<{ major: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS major`,
  );
  const { stdout } = await run('pg_dump', ['--version']).catch(() => ({ stdout: '' }));
  return Number(/(\d+)/.exec(stdout)?.[1] ?? 0) >= (rows[0]?.major ?? Number.POSITIVE_INFINITY);
}

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Makes a role that may log in, removed after the test, and gives the URL with which it gets into that database. */
async function makeRole(server: pg.Client, url: string): Promise<string> {
  const changed = new URL(url);
  changed.username = `test_${randomBytes(8).toString('hex')}`;
  changed.password = randomBytes(16).toString('hex');
  await server.query(`CREATE ROLE ${changed.username} LOGIN PASSWORD '${changed.password}'`);
  onTestFinished(async () => void (await server.query(`DROP ROLE ${changed.username}`)));
  return changed.href;
}

/** An empty database that belongs to the role of a URL, removed after the test. */
async function ownedDatabase(server: pg.Client, role: string): Promise<string> {
  const owner = new URL(role);
  owner.pathname = new URL(await createDatabase('template1')).pathname;
  await server.query(`ALTER DATABASE ${owner.pathname.slice(1)} OWNER TO ${owner.username}`);
  onTestFinished(() => dropDatabase(owner.href));
  return owner.href;
}

function inDatabaseOf(url: string, other: string): string {
  const changed = new URL(url);
  changed.pathname = new URL(other).pathname;
  return changed.href;
}

async function openFor(owner: string, service: string) {
  const opened = { databaseUrl: service, migrationDatabaseUrl: owner, dataDir: '/nonexistent' };
  const database = await openDatabase({ ...opened, databasePoolSize: 4 });
  onTestFinished(() => database.close());
  return database;
}

const TRIGGERS = `SELECT tgrelid::regclass::text AS table, tgname AS name FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2`;

test('pg_dump and pg_restore carry the log over with what guards it', async ({ skip }) => {
  const server = await open(inject('postgresUrl'));
  if (!(await canDump(server))) skip('there is no pg_dump as new as the server');
  const [ownerRole, serviceRole] = [
    await makeRole(server, inject('postgresUrl')),
    await makeRole(server, inject('postgresUrl')),
  ];
  const owner = await ownedDatabase(server, ownerRole);
  const database = await openFor(owner, inDatabaseOf(serviceRole, owner));
  const cluster = await givenCluster(database, 'prod');
  for (const size of [1, 2, 3]) {
    const decisions = Array.from({ length: size }, () => newDecision(cluster));
    await appendTo(database, cluster, ...decisions);
  }
  await signCheckpoints(testServices(database));

  const folder = mkdtempSync(join(tmpdir(), 'podgate-dump-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'podgate.dump');
  const restored = await ownedDatabase(server, ownerRole);
  await run('pg_dump', ['--format=custom', `--file=${file}`, owner]);
  await run('pg_restore', ['--exit-on-error', `--dbname=${restored}`, file]);

  // Before any start of the program, which would grant again.
  const service = await open(inDatabaseOf(serviceRole, restored));
  for (const change of [
    `UPDATE decisions SET reason = 'forged'`,
    'DELETE FROM decisions',
    'DELETE FROM changes',
  ])
    await expect(service.query(change)).rejects.toThrow(/permission denied/);
  const asOwner = await open(restored);
  await expect(asOwner.query('DELETE FROM decisions')).rejects.toThrow(/is refused/);
  const { rows: triggers } = await asOwner.query(TRIGGERS);
  expect(triggers).toEqual((await (await open(owner)).query(TRIGGERS)).rows);
  expect(triggers.length).toBeGreaterThan(20);

  const again = await openFor(restored, inDatabaseOf(serviceRole, restored));
  const context = contextOf(testServices(again));
  await appendTo(again, cluster, newDecision(cluster));
  expect(await verifyDecisions(context, { cluster: 'prod' })).toEqual({
    valid: true,
    checked: 7n,
    firstProblem: null,
  });
});
