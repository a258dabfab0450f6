import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { compose } from '../src/compose.js';
import { ConfigError, parseConfig } from '../src/config.js';
import { createDatabase, dropDatabase, testDatabase } from './support/database.js';
import { TEST_SIGNING_SEED } from './support/operation-context.js';
import { recordedLogger } from './support/run-record.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podgate-compose-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A start that ends before any database is asked: there is none at this address. */
function start(file: string): Promise<unknown> {
  const config = parseConfig({
    PODGATE_DATA_DIR: folder,
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    PODGATE_PERSISTED_DOCUMENTS: join(folder, file),
  });
  return compose(config, recordedLogger('info'));
}

test('a file of persisted documents that is not there stops the start', async () => {
  const failure = await start('nothing.json').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConfigError);
  expect(String(failure)).toMatch(/PODGATE_PERSISTED_DOCUMENTS can't be read: ENOENT/);
});

test('everything that is wrong in it is said at once', async () => {
  await writeFile(
    join(folder, 'bad.json'),
    JSON.stringify({ a: '{ nothing }', 'b c': '{ viewer { actor } }' }),
  );
  await expect(start('bad.json')).rejects.toThrow(
    new ConfigError([
      'PODGATE_PERSISTED_DOCUMENTS "a" is not valid: Cannot query field "nothing" on type "Query". (1:3)',
      'PODGATE_PERSISTED_DOCUMENTS "b c" is no document id',
    ]),
  );
});

/** Nor does anything connect again: the feed of decisions would within a second. */
test.each<[string, NodeJS.ProcessEnv, RegExp]>([
  [
    "the webhook's certificate",
    {
      PODGATE_WEBHOOK_PORT: '0',
      PODGATE_WEBHOOK_CERT: '/nonexistent.crt',
      PODGATE_WEBHOOK_KEY: '/nonexistent.key',
    },
    /PODGATE_WEBHOOK_CERT and PODGATE_WEBHOOK_KEY can't be used: ENOENT/,
  ],
  [
    'the folder for the admin token',
    { PODGATE_SIGNING_KEY: TEST_SIGNING_SEED, PODGATE_DATA_DIR: '/dev/null' },
    /\/dev\/null/,
  ],
])('leaves nothing open where %s is missing', async (_, environment, reason) => {
  const url = await createDatabase(inject('templateDatabase'));
  const { pool } = await testDatabase();
  const connections = async () => {
    const sql = 'SELECT pid FROM pg_stat_activity WHERE datname = $1';
    return (await pool.query(sql, [new URL(url).pathname.slice(1)])).rows;
  };
  const config = parseConfig({ PODGATE_DATA_DIR: folder, DATABASE_URL: url, ...environment });
  await expect(compose(config, recordedLogger('info'))).rejects.toThrow(reason);
  await expect.poll(connections).toEqual([]);
  await sleep(1_500);
  expect(await connections()).toEqual([]);
  await dropDatabase(url);
});
