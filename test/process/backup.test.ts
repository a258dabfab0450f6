import { execFile } from 'node:child_process';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, it } from 'vitest';
import { call, folderWith } from '../cli/call.js';
import { podYaml, policyYaml } from '../support/operation-context.js';
import { dataFolder, serve } from './served.js';

type Ask = (method: string, path: string, body?: string) => Promise<string>;

/** Asks a server as the administrator of its data directory. */
async function asAdmin(base: string, dataDir: string): Promise<Ask> {
  const token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
  return async (method, path, body) => {
    const type = body?.startsWith('{') === true ? 'application/json' : 'application/yaml';
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    const answer = await fetch(base + path, { method, headers, ...(body === undefined ? {} : { body }) });
    expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
    return answer.text();
  };
}

const LOG = '/v1/clusters/prod/decisions';

async function decide(ask: Ask, names: readonly string[]): Promise<void> {
  await ask('POST', '/v1/clusters/prod/evaluate', names.map((name) => podYaml(name)).join('---\n'));
}

/** The embedded server's own superuser, to whom nothing is forbidden but what triggers refuse. */
async function asSuperuser(dataDir: string): Promise<pg.Client> {
  const home = join(dataDir, 'postgres');
  const password = (await readFile(join(home, 'password'), 'utf8')).trim();
  const port = Number((await readFile(join(home, 'data', 'postmaster.pid'), 'utf8')).split('\n')[3]);
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'podgate',
    password,
    database: 'postgres',
  });
  await client.connect();
  return client;
}

it('a copy of the data directory is a backup, and its log verifies beyond a change of its signing key', {
  timeout: 120_000,
}, async () => {
  const [original, parent] = [await dataFolder(), await dataFolder()];
  const first = serve({ PODGATE_DATA_DIR: original });
  const before = await asAdmin(await first.ready, original);
  await before('PUT', '/v1/clusters/prod', '{}');
  await before('PUT', '/v1/policies/open', policyYaml('open'));
  await before('PUT', '/v1/clusters/prod/assignments/open', '{}');
  await decide(before, ['one', 'two', 'three']);
  const exported = await before('GET', `${LOG}/export?proof=true`);
  const oldKeys = await before('GET', '/v1/signing-keys');
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);

  const copy = join(parent, 'podgate');
  await promisify(execFile)('cp', ['-a', original, copy]);
  await rename(join(copy, 'signing-key'), join(copy, 'signing-key.old'));
  const [oldKey] = JSON.parse(oldKeys).keys;
  const PODGATE_TRUSTED_SIGNING_KEYS = oldKey.publicKey.replaceAll(/-----[^-]+-----|\n/g, '');
  const second = serve({ PODGATE_DATA_DIR: copy, PODGATE_TRUSTED_SIGNING_KEYS });
  const after = await asAdmin(await second.ready, copy);

  // Everything is there, and goes on.
  await decide(after, ['four']);
  expect(JSON.parse(await after('GET', `${LOG}/verify`))).toEqual({
    valid: true,
    checked: 4,
    firstProblem: null,
  });
  const keys = await after('GET', '/v1/signing-keys');
  expect(JSON.parse(keys).keys).toEqual([
    expect.objectContaining({ current: true }),
    expect.objectContaining({ current: false, keyId: oldKey.keyId }),
  ]);

  // What was signed before counts with the old public key, what is signed now with the new one.
  const newExport = await after('GET', `${LOG}/export?proof=true`);
  const directory = await folderWith({ exported, newExport, oldKeys, keys });
  const verify = async (file: string, key: string) =>
    (await call(['audit', 'verify', file, '--key', key], { directory })).code;
  expect(await verify('exported', 'oldKeys')).toBe(0);
  expect(await verify('exported', 'keys')).toBe(0);
  expect(await verify('newExport', 'keys')).toBe(0);
  expect(await verify('newExport', 'oldKeys')).toBe(1);

  // What guards the log is there too.
  const superuser = await asSuperuser(copy);
  await expect(superuser.query(`UPDATE decisions SET reason = 'forged'`)).rejects.toThrow(/is refused/);
  const { rows } = await superuser.query(
    `SELECT has_table_privilege('podgate_service', 'decisions', 'INSERT') AS add,
       has_table_privilege('podgate_service', 'decisions', 'UPDATE, DELETE, TRUNCATE') AS change`,
  );
  expect(rows).toEqual([{ add: true, change: false }]);
  await superuser.end();
});
