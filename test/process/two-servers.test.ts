import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createDatabase, dropDatabase } from '../support/database.js';
import { podYaml, policyYaml } from '../support/operation-context.js';
import { dataFolder, serve } from './served.js';

const ADMIN = 'an-admin-token-of-both-servers-0123456789';

async function twoServers(): Promise<readonly [string, string]> {
  const DATABASE_URL = await createDatabase(inject('templateDatabase'));
  onTestFinished(() => dropDatabase(DATABASE_URL));
  const settings = { DATABASE_URL, PODGATE_ADMIN_TOKEN: ADMIN };
  const [first, second] = [await dataFolder(), await dataFolder()].map((PODGATE_DATA_DIR) =>
    serve({ ...settings, PODGATE_DATA_DIR }),
  );
  if (first === undefined || second === undefined) throw new Error('two servers were started');
  return [await first.ready, await second.ready];
}

async function call(base: string, method: string, path: string, body?: string, token = ADMIN) {
  const type = body?.startsWith('{') === true ? 'application/json' : 'application/yaml';
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const answer = await fetch(base + path, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: answer.status, json: JSON.parse((await answer.text()) || 'null') };
}

describe('two servers on one database', { timeout: 120_000 }, () => {
  it('are one to their clients', async () => {
    const [one, two] = await twoServers();
    await call(one, 'PUT', '/v1/clusters/prod', '{}');
    await call(two, 'PUT', '/v1/policies/closed', policyYaml('closed', 'hostPID: false'));
    await call(one, 'PUT', '/v1/clusters/prod/assignments/closed', '{}');

    // A policy's change on one counts for the very next decision of the other, which has the old set in its cache.
    const evaluate = (base: string) =>
      call(base, 'POST', '/v1/clusters/prod/evaluate', podYaml('pod', 'hostPID: true'));
    expect((await evaluate(one)).json.allowed).toBe(false);
    expect((await evaluate(two)).json.allowed).toBe(false);
    await call(one, 'PUT', '/v1/policies/closed', policyYaml('closed', 'hostPID: true'));
    expect((await evaluate(two)).json.allowed).toBe(true);

    // So does a token's revocation.
    const made = await call(one, 'POST', '/v1/tokens', '{"name":"ci","role":"VIEWER"}');
    expect((await call(two, 'GET', '/v1/clusters', undefined, made.json.token)).status).toBe(200);
    await call(one, 'DELETE', `/v1/tokens/${made.json.id}`);
    expect((await call(two, 'GET', '/v1/clusters', undefined, made.json.token)).status).toBe(401);

    // Both append to one log, without a gap, and each verifies what the other has recorded.
    await Promise.all(Array.from({ length: 40 }, (_, index) => evaluate(index % 2 === 0 ? one : two)));
    const { json: page } = await call(two, 'GET', '/v1/clusters/prod/decisions?first=100&order=oldest');
    const sequences = page.decisions.map(({ sequence }: { sequence: string }) => Number(sequence));
    expect(sequences).toEqual(Array.from({ length: 43 }, (_, index) => index + 1));
    for (const base of [one, two]) {
      const { json } = await call(base, 'GET', '/v1/clusters/prod/decisions/verify');
      expect(json).toMatchObject({ valid: true, checked: 43 });
    }
  });
});

describe('servers that share their signing key in the database', { timeout: 120_000 }, () => {
  it('have the same, each with a data folder of its own; another secret ends the start with one line', async () => {
    const DATABASE_URL = await createDatabase(inject('templateDatabase'));
    onTestFinished(() => dropDatabase(DATABASE_URL));
    const start = async (secret: string) =>
      serve({
        DATABASE_URL,
        PODGATE_ADMIN_TOKEN: ADMIN,
        PODGATE_DATA_DIR: await dataFolder(),
        PODGATE_SIGNING_KEY_SECRET: secret,
      });
    const [one, two] = [await start('a secret of both'), await start('a secret of both')];
    const keys = await Promise.all(
      [one, two].map(async ({ ready }) => (await call(await ready, 'GET', '/v1/signing-keys')).json),
    );
    expect(keys[0].keys).toHaveLength(1);
    expect(keys[1]).toEqual(keys[0]);
    const wrong = await start('another secret than theirs');
    expect(await wrong.ended).toBe(1);
    expect(wrong.stdout()).toBe('');
    expect(wrong.stderr()).toMatch(/^podgate: PODGATE_SIGNING_KEY_SECRET does not open [^\n]+\n$/);
  });
});
