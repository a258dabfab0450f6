import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.js';
import { podYaml, policyYaml } from '../support/operation-context.js';
import { dataFolder, serve } from './served.js';

const TOKEN = 'a-token-of-the-configuration-0123456789';

async function call(base: string, method: string, path: string, body?: string, type = 'application/yaml') {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': type };
  const answer = await fetch(base + path, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: answer.status, json: JSON.parse((await answer.text()) || 'null') };
}

describe('the process', { timeout: 120_000 }, () => {
  it('makes its data and its admin token at the first start, and finds both at the next', async () => {
    const PODGATE_DATA_DIR = await dataFolder();
    const first = serve({ PODGATE_DATA_DIR });
    const base = await first.ready;
    const file = join(PODGATE_DATA_DIR, 'admin-token');
    expect(first.stdout()).toBe(`podgate admin token written to ${file}\npodgate listening on ${base}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const authorization = `Bearer ${(await readFile(file, 'utf8')).trim()}`;
    const put = await fetch(`${base}/v1/clusters/prod`, {
      method: 'PUT',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(put.status).toBe(201);
    process.kill(-(first.child.pid ?? 0), 'SIGTERM'); // the whole group, as a terminal or a supervisor does
    expect(await first.ended).toBe(0);

    const second = serve({ PODGATE_DATA_DIR });
    const again = await second.ready;
    expect(second.stdout()).toBe(`podgate listening on ${again}\n`);
    const found = await fetch(`${again}/v1/clusters/prod`, { headers: { authorization } });
    expect(found.status).toBe(200);
    expect(`${first.stdout()}${first.stderr()}${second.stderr()}`).not.toContain(authorization.slice(7));
  });

  it('serves on when nobody reads what it says any more', async () => {
    const port = String(await freePort());
    const served = serve({ PODGATE_DATA_DIR: await dataFolder(), PODGATE_PORT: port });
    served.child.stdout?.destroy();
    const health = () => fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    await expect.poll(async () => (await health())?.status, { timeout: 60_000 }).toBe(200);
    served.child.stderr?.destroy();
    expect((await fetch(`http://127.0.0.1:${port}/v1/clusters`)).status).toBe(401);
    expect((await health())?.status).toBe(200);
    served.child.kill('SIGTERM');
    expect(await served.ended).toBe(0);
  });

  it('keeps what it has acknowledged when everything is killed, and starts again right away', async () => {
    const environment = { PODGATE_DATA_DIR: await dataFolder(), PODGATE_ADMIN_TOKEN: TOKEN };
    const first = serve(environment);
    const base = await first.ready;
    await call(base, 'PUT', '/v1/clusters/prod', '{}', 'application/json');
    await call(base, 'PUT', '/v1/policies/open', policyYaml('open'));
    await call(base, 'PUT', '/v1/clusters/prod/assignments/open', '{}', 'application/json');
    const report = await call(base, 'POST', '/v1/clusters/prod/evaluate', podYaml('denied', 'hostPID: true'));
    expect(report.json.allowed).toBe(false);
    const postmaster = await readFile(
      join(environment.PODGATE_DATA_DIR, 'postgres/data/postmaster.pid'),
      'utf8',
    );
    first.child.kill('SIGKILL');
    process.kill(Number(postmaster.split('\n')[0]), 'SIGKILL');
    expect(await first.ended).toBe('SIGKILL');

    const second = serve(environment);
    const decision = await call(
      await second.ready,
      'GET',
      `/v1/decisions/${report.json.results[0].decisionId}`,
    );
    expect(decision.json).toMatchObject({ allowed: false, object: { name: 'denied' }, sequence: '1' });
    expect(second.stdout()).not.toContain('admin token');
  });

  it('finishes what is in flight when it is told to stop', async () => {
    const environment = { PODGATE_DATA_DIR: await dataFolder(), PODGATE_ADMIN_TOKEN: TOKEN };
    const podgate = serve(environment);
    const base = await podgate.ready;
    await call(base, 'PUT', '/v1/clusters/prod', '{}', 'application/json');
    const pods = Array.from({ length: 500 }, (_, index) => podYaml(`pod-${index}`)).join('---\n');
    const inFlight = call(base, 'POST', '/v1/clusters/prod/evaluate', pods);
    await new Promise((resolve) => setTimeout(resolve, 30));
    podgate.child.kill('SIGTERM');
    expect((await inFlight).json.summary).toMatchObject({ evaluated: 500 });
    expect(await podgate.ended).toBe(0);
    await expect(fetch(`${base}/healthz`)).rejects.toThrow();
  });

  it('says in one line what keeps it from starting, and leaves nothing behind', async () => {
    const PODGATE_DATA_DIR = await dataFolder();
    const running = serve({ PODGATE_DATA_DIR });
    const { port } = new URL(await running.ready);
    const elsewhere = await dataFolder();
    const failures: readonly [Record<string, string>, number, RegExp][] = [
      [{ PODGATE_PORT: 'x' }, 2, /^podgate: PODGATE_PORT must be a whole number from 0 to 65535\n$/],
      [{ PODGATE_DATA_DIR }, 1, /^podgate: The data directory .* is in use by another podgate .*\n$/],
      [
        { PODGATE_DATA_DIR: elsewhere, PODGATE_PORT: port },
        1,
        /^podgate: port \d+ of 127\.0\.0\.1 is taken.*\n$/,
      ],
      [
        { PODGATE_HOST: '256.1.1.1' },
        1,
        /^podgate: PODGATE_HOST 256\.1\.1\.1 is no address of this machine.*\n$/,
      ],
      [
        { DATABASE_URL: 'postgresql://podgate:hidden@127.0.0.1:1/none' },
        1,
        /^podgate: The database at 127\.0\.0\.1:1\/none can't be used: .*\n$/,
      ],
    ];
    for (const [environment, code, line] of failures) {
      const failed = serve({ PODGATE_LOG_LEVEL: 'warn', ...environment });
      expect(await failed.ended).toBe(code);
      expect(failed.stderr()).toMatch(line);
      expect(failed.stdout()).not.toContain('listening');
      expect(failed.stderr()).not.toContain('hidden');
    }
    // The one that found the port taken has stopped its own database: the folder is free.
    const free = serve({ PODGATE_DATA_DIR: elsewhere });
    await free.ready;
  });
});
