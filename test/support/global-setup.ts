import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded-postgres.js';
import { migrate } from '../../src/storage/migrate.js';
import { expectNoSecretInLogs, makeRecord, recordFolders } from './record-folders.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A superuser's connection string to the test server. */
    postgresUrl: string;
    /** Name of the migrated, empty database from which every test file's own is copied. */
    templateDatabase: string;
    /** Where test files leave what servers have logged, and the secrets that may not be in it. */
    recordFolder: string;
  }
}

/**
 * One throw-away PostgreSQL for the whole run, migrated once as a template. With PODGATE_TEST_DATABASE_URL (a superuser
 * of a server of one's own) no server is started. At the end the logs of the run are searched for its secrets.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['PODGATE_TEST_DATABASE_URL'];
  const record = makeRecord(mkdtempSync(join(tmpdir(), 'podgate-record-')));
  const server = given === undefined ? await startThrowAway(record) : null;
  const url = given ?? server?.url ?? '';
  const template = `podgate_template_${process.pid}`;
  try {
    await makeTemplate(url, template);
  } catch (error) {
    await server?.stop();
    throw error;
  }
  project.provide('postgresUrl', url);
  project.provide('templateDatabase', template);
  project.provide('recordFolder', record);
  return async () => {
    if (server === null) await execute(url, `DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    else await server.stop();
    expectNoSecretInLogs(record, [new URL(url).password]);
    rmSync(record, { recursive: true });
  };
}

async function startThrowAway(record: string): Promise<Pick<EmbeddedPostgres, 'url' | 'stop'>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'podgate-test-'));
  chmodSync(dataDir, 0o755);
  const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '200' };
  const server = await startEmbeddedPostgres({ dataDir, settings });
  const watch = watchdog(server.pid, [dataDir, record]);
  const stop = async () => {
    watch.kill();
    await server.stop();
    copyFileSync(join(dataDir, 'postgres', 'server.log'), join(recordFolders(record).logs, 'postgres'));
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { url: server.url, stop };
}

/** Outlives the run, however that ends: when its standard input closes, it stops the server and removes the folders. */
function watchdog(pid: number, folders: readonly string[]) {
  const script = 'cat >/dev/null; kill -QUIT "$1" && sleep 1; shift; rm -rf "$@"';
  const child = spawn('sh', ['-c', script, 'sh', String(pid), ...folders], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  return child;
}

async function makeTemplate(url: string, name: string): Promise<void> {
  await execute(url, `CREATE DATABASE ${name}`);
  await migrate(withDatabase(url, name));
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
