import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { assignPolicy } from '../../src/operations/assignments/assign-policy.js';
import { createWebhookSecret } from '../../src/operations/admission/webhook-secrets.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { savePolicy } from '../../src/operations/policies/save-policy.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { contextOf, policyYaml } from '../support/operation-context.js';
import { openWay } from '../support/way.js';
import { admissionPod, openWebhook, podReview } from './webhook-app.js';

const folder = mkdtempSync(join(tmpdir(), 'podgate-outage-'));
let databaseUrl: string;
let way: Awaited<ReturnType<typeof openWay>>;
let webhook: Awaited<ReturnType<typeof openWebhook>>;
let path: string;

beforeAll(async () => {
  databaseUrl = await createDatabase(inject('templateDatabase'));
  way = await openWay(databaseUrl);
  webhook = await openWebhook(way.url, folder);
  const context = contextOf(webhook.services);
  await saveCluster(context, { name: 'prod' });
  await savePolicy(context, { name: 'open', text: policyYaml('open'), format: 'yaml' });
  const terms = { pinnedVersion: null, subjects: null, namespaces: null };
  await assignPolicy(context, { cluster: 'prod', policy: 'open', ...terms });
  path = `/admission/prod/~${(await createWebhookSecret(context, 'prod')).secret}/mutate`;
});

afterAll(async () => {
  await webhook.close();
  way.cut();
  await dropDatabase(databaseUrl);
  rmSync(folder, { recursive: true });
});

/** Sends a pod and gives its decision, or throws where it wasn't answered as it should be. */
async function ask(hostNetwork: boolean): Promise<string> {
  const started = performance.now();
  const { status, body } = await webhook.post(path, podReview(admissionPod({ hostNetwork })), {});
  expect(status).toBe(200);
  expect(body.response.allowed).toBe(!hostNetwork);
  expect(performance.now() - started).toBeLessThan(5_000);
  return body.response.auditAnnotations.decision;
}

/** Sends 100 reviews a second for so long. */
async function load(milliseconds: number): Promise<readonly string[]> {
  const asked: Promise<string>[] = [];
  for (let at = 0; at < milliseconds; at += 10) {
    asked.push(ask(at % 100 === 0));
    await sleep(10);
  }
  return Promise.all(asked);
}

async function recorded() {
  const { rows } = await webhook.services.database.pool.query<{
    id: string;
    offline: boolean;
    recordedAt: Date;
  }>(`SELECT id, offline, recorded_at AS "recordedAt" FROM decisions`);
  return rows;
}

test('an outage and a restart in its middle lose no decision and leave no review without its answer', async () => {
  const before = await load(500);
  const during = load(3_000);
  await sleep(500);
  way.cut();
  const cut = await during;

  await webhook.close();
  webhook = await openWebhook(way.url, folder);
  const restarted = await load(1_000);
  expect(webhook.log()).toMatch(/ECONNREFUSED.*the database is not ready/);

  const mended = Date.now();
  await way.mend();
  const after = await load(1_000);
  const all = [...before, ...cut, ...restarted, ...after];
  await expect.poll(async () => (await recorded()).length, { timeout: 20_000 }).toBe(all.length);

  const rows = new Map((await recorded()).map((row) => [row.id, row]));
  expect([...rows.keys()].sort()).toEqual([...all].sort());
  expect(before.filter((id) => rows.get(id)?.offline === false)).not.toEqual([]);
  for (const id of restarted) {
    expect(rows.get(id)?.offline).toBe(true);
    expect(rows.get(id)?.recordedAt.getTime()).toBeGreaterThanOrEqual(mended);
  }
  await expect
    .poll(async () => (await webhook.services.database.isReady()) && (await ask(false)), { timeout: 10_000 })
    .toBeTruthy();
}, 120_000);
