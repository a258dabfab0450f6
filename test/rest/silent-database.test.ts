import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { compose, type Podgate } from '../../src/compose.js';
import { parseConfig } from '../../src/config.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { recordedLogger } from '../support/run-record.js';
import { openWay } from '../support/way.js';
import { pod, policy } from './app.js';

const TOKEN = 'admin-token-of-the-tests-0123456789abcdef';
const folder = mkdtempSync(join(tmpdir(), 'podgate-silent-'));
let databaseUrl: string;
let way: Awaited<ReturnType<typeof openWay>>;
let podgate: Podgate;
let base: string;

beforeAll(async () => {
  databaseUrl = await createDatabase(inject('templateDatabase'));
  way = await openWay(databaseUrl);
  const config = { ...parseConfig({ DATABASE_URL: way.url, PODGATE_ADMIN_TOKEN: TOKEN }), port: 0 };
  podgate = await compose({ ...config, dataDir: folder }, recordedLogger('info'));
  base = await podgate.start();
  await call('PUT', '/v1/clusters/prod', {});
  await call('PUT', '/v1/policies/open', policy('open'));
  await call('PUT', '/v1/clusters/prod/assignments/open', {});
});

afterAll(async () => {
  await podgate.close();
  way.cut();
  await dropDatabase(databaseUrl);
  rmSync(folder, { recursive: true });
});

async function call(method: string, path: string, body?: object) {
  const began = performance.now();
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { status, headers } = response;
  const answer: unknown = await response.json();
  return { status, headers, answer, took: performance.now() - began };
}

const evaluate = () => call('POST', '/v1/clusters/prod/evaluate', pod('web'));

test('a network that swallows everything ends in 503 within seconds, and in nothing that was not recorded', {
  timeout: 60_000,
}, async () => {
  expect((await evaluate()).status).toBe(200);
  way.holdUp();
  const ready = call('GET', '/readyz');
  const asked = [
    evaluate(),
    call('GET', '/v1/clusters'),
    call('GET', '/v1/clusters/prod/decisions'),
    call('PUT', '/v1/clusters/other', {}),
  ];
  // Those that come later wait behind the first.
  await sleep(2_000);
  asked.push(evaluate(), evaluate());
  for (const { status, headers, answer, took } of await Promise.all(asked)) {
    expect([status, headers.get('content-type'), answer]).toEqual([
      503,
      'application/problem+json',
      expect.objectContaining({ status: 503, type: 'urn:podgate:problem:unavailable' }),
    ]);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    expect(took).toBeLessThan(8_000);
  }
  expect(await ready).toMatchObject({ status: 503 });
  expect((await ready).took).toBeLessThan(8_000);
  way.letGo();
  await expect.poll(async () => (await evaluate()).status, { timeout: 20_000 }).toBe(200);
  const { answer } = await call('GET', '/v1/clusters/prod/decisions/verify');
  expect(answer).toMatchObject({ valid: true });
});
