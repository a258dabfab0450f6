import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { prismaFolder } from '../../src/storage/migrate.js';
import { makeServiceRole } from '../../src/storage/service-role.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { podYaml, policyYaml } from '../support/operation-context.js';
import { EARLIER_BUILDS, layOut } from './earlier-build.js';
import { dataFolder, serve } from './served.js';

const ADMIN = 'an-admin-token-of-old-and-new-0123456789ab';
const SIGNING_KEY = Buffer.alloc(32, 7).toString('base64');
const NEWEST = readdirSync(join(prismaFolder(), 'migrations')).filter((name) => /^\d/.test(name));

async function call(base: string, method: string, path: string, body?: string, token = ADMIN) {
  const type = body?.startsWith('{') === true ? 'application/json' : 'application/yaml';
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const answer = await fetch(base + path, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  expect(answer.status, text).toBeLessThan(500);
  return { status: answer.status, json: JSON.parse(text || 'null') };
}

const evaluate = (base: string) =>
  call(base, 'POST', '/v1/clusters/prod/evaluate', podYaml('pod', 'hostPID: true'));

/** What one server writes, the other goes on with; in both directions. */
async function workTogether(one: string, two: string) {
  const admits = async (base: string) => (await evaluate(base)).json.allowed;
  expect([await admits(one), await admits(two)]).toEqual([false, false]);
  await call(one, 'PUT', '/v1/policies/closed', policyYaml('closed', 'hostPID: true'));
  expect([await admits(two), await admits(one)]).toEqual([true, true]);
  await call(two, 'PUT', '/v1/policies/closed', policyYaml('closed', 'hostPID: false'));
  expect([await admits(one), await admits(two)]).toEqual([false, false]);

  const { json: token } = await call(
    one,
    'POST',
    '/v1/tokens',
    `{"name":"of-${new URL(one).port}","role":"VIEWER"}`,
  );
  expect((await call(two, 'GET', '/v1/clusters', undefined, token.token)).status).toBe(200);
  expect((await call(two, 'DELETE', `/v1/tokens/${token.id}`)).status).toBe(204);
  expect((await call(one, 'GET', '/v1/clusters', undefined, token.token)).status).toBe(401);

  const workload = '/v1/clusters/prod/pod-specs/default/Pod/pod';
  await call(one, 'PUT', workload, podYaml('pod'));
  await call(two, 'PUT', workload, podYaml('pod', 'hostIPC: true'));
  expect((await call(one, 'GET', workload)).json.revision).toBeGreaterThan(1);
  const saved = await call(two, 'PUT', '/v1/clusters/prod', `{"displayName":"by ${two}","retention":30}`);
  expect((await call(one, 'GET', '/v1/clusters/prod')).json.displayName).toBe(saved.json.displayName);

  await Promise.all(Array.from({ length: 40 }, (_, index) => evaluate(index % 2 === 0 ? one : two)));
  const [first, second] = await Promise.all(
    [one, two].map(async (base) => (await call(base, 'GET', '/v1/clusters/prod/decisions/verify')).json),
  );
  expect(first).toMatchObject({ valid: true, checked: expect.any(Number) });
  expect(second).toEqual(first);
}

async function appliedMigrations(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('SELECT migration_name FROM _prisma_migrations ORDER BY 1');
  await client.end();
  return rows.map(({ migration_name: name }) => name);
}

describe.each(EARLIER_BUILDS)('the build of %s and this one', { timeout: 180_000 }, (label) => {
  const earlier = layOut(label);

  it.each([
    ['in one role', false],
    ['in a role that owns nothing', true],
  ])(
    'work side by side on one database, %s, and the older one starts anew on the newer schema',
    async (_, isApart) => {
      const owner = await createDatabase('template1');
      onTestFinished(() => dropDatabase(owner));
      const settings = {
        PODGATE_ADMIN_TOKEN: ADMIN,
        PODGATE_SIGNING_KEY: SIGNING_KEY,
        ...(isApart
          ? { DATABASE_URL: await makeServiceRole(owner), PODGATE_MIGRATION_DATABASE_URL: owner }
          : { DATABASE_URL: owner }),
      };
      const start = async (main?: string) =>
        serve({ ...settings, PODGATE_DATA_DIR: await dataFolder() }, main);

      const old = await start(earlier.main);
      const before = await old.ready;
      expect(await appliedMigrations(owner)).toEqual(earlier.migrations);
      await call(before, 'PUT', '/v1/clusters/prod', '{}');
      await call(before, 'PUT', '/v1/policies/closed', policyYaml('closed', 'hostPID: false'));
      await call(before, 'PUT', '/v1/clusters/prod/assignments/closed', '{}');
      expect((await evaluate(before)).json.allowed).toBe(false);

      const now = await (await start()).ready;
      expect(await appliedMigrations(owner)).toEqual(NEWEST);
      await workTogether(before, now);

      old.child.kill('SIGTERM');
      expect(await old.ended).toBe(0);
      const again = await (await start(earlier.main)).ready;
      expect((await fetch(`${again}/readyz`)).status).toBe(200);
      await workTogether(now, again);
      expect((await fetch(`${now}/readyz`)).status).toBe(200);
    },
  );
});
