import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compose } from '../src/compose.js';
import { ConfigError, parseConfig } from '../src/config.js';
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
