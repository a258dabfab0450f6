import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded-postgres.js';

const started: EmbeddedPostgres[] = [];
const folders: string[] = [];

/** A data directory that nobody but its owner may enter, with blanks and quotes in its path. */
function dataDirectory(): string {
  const folder = mkdtempSync(join(tmpdir(), "podgate test's "));
  folders.push(folder);
  return join(folder, 'data dir');
}

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
  started.push(server);
  return server;
}

async function ask(server: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The lock of a podgate that was killed: its process is gone, its server isn't. */
function forgetHolder(dataDir: string): void {
  writeFileSync(join(dataDir, 'postgres', 'lock'), '4194999 1\n');
}

afterEach(async () => {
  for (const server of started.splice(0)) if (isAlive(server.pid)) await server.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('the embedded PostgreSQL', () => {
  test('starts in a path with blanks that is closed to others, keeps its data, and stops without a trace', async () => {
    const dataDir = dataDirectory();
    const first = await start(dataDir);
    expect(new URL(first.url).hostname).toBe('127.0.0.1');
    expect(await ask(first, 'SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
    await ask(first, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
    expect(statSync(join(dataDir, 'postgres', 'password')).mode & 0o777).toBe(0o600);
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start(dataDir);
    expect(await ask(second, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  test('lets nobody in without the password', async () => {
    const server = await start(dataDirectory());
    const url = new URL(server.url);
    url.password = 'wrong';
    const client = new pg.Client({ connectionString: url.href });
    await expect(client.connect()).rejects.toThrow(/password authentication failed/);
  });

  test('refuses a second podgate on the same data directory in one line, and leaves the first alone', async () => {
    const dataDir = dataDirectory();
    const first = await start(dataDir);
    await expect(start(dataDir)).rejects.toThrow(
      `The data directory ${dataDir} is in use by another podgate (process ${process.pid})`,
    );
    expect(await ask(first, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('takes over from a killed run: stops the server that was left behind and starts at once', async () => {
    const dataDir = dataDirectory();
    const left = await start(dataDir);
    await ask(left, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
    forgetHolder(dataDir);
    const next = await start(dataDir);
    expect(isAlive(left.pid)).toBe(false);
    expect(await ask(next, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  test('recovers when podgate and server were both killed', async () => {
    const dataDir = dataDirectory();
    const killed = await start(dataDir);
    await ask(killed, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
    process.kill(killed.pid, 'SIGKILL');
    forgetHolder(dataDir);
    const next = await start(dataDir);
    expect(await ask(next, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  test('is not held up by a stale postmaster.pid whose process is something else now', async () => {
    const dataDir = dataDirectory();
    const first = await start(dataDir);
    await first.stop();
    const data = join(dataDir, 'postgres', 'data');
    writeFileSync(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n1\n5432\n`);
    expect(await ask(await start(dataDir), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('goes on after a first start that was killed in the middle of making the data', async () => {
    const dataDir = dataDirectory();
    mkdirSync(join(dataDir, 'postgres', 'data.new', 'base'), { recursive: true });
    expect(await ask(await start(dataDir), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('refuses data of another major version in one line, and leaves it as it is', async () => {
    const dataDir = dataDirectory();
    const version = join(dataDir, 'postgres', 'data', 'PG_VERSION');
    mkdirSync(join(dataDir, 'postgres', 'data'), { recursive: true });
    writeFileSync(version, '15\n');
    await expect(start(dataDir)).rejects.toThrow(
      `The data in ${dataDir} is of PostgreSQL 15, this podgate brings PostgreSQL 18`,
    );
    expect(readFileSync(version, 'utf8')).toBe('15\n');
    writeFileSync(version, '14\n');
    await expect(start(dataDir)).rejects.toThrow('is of PostgreSQL 14'); // the folder's lock was freed
  });

  test('says in one line that the data directory can not be made', async () => {
    const folder = dataDirectory();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'file'), '');
    chmodSync(folder, 0o755);
    await expect(start(join(folder, 'file'))).rejects.toThrow(
      /^The data directory .*file can't be made \(PODGATE_DATA_DIR\): /,
    );
  });
});
