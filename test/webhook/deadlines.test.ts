import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createToken } from '../../src/operations/access/tokens.js';
import { createWebhookSecret } from '../../src/operations/admission/webhook-secrets.js';
import { assignPolicy } from '../../src/operations/assignments/assign-policy.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { savePolicy } from '../../src/operations/policies/save-policy.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { contextOf, policyYaml } from '../support/operation-context.js';
import { openWay } from '../support/way.js';
import { admissionPod, openWebhook, podReview } from './webhook-app.js';

const folder = mkdtempSync(join(tmpdir(), 'podgate-deadlines-'));
let databaseUrl: string;
let way: Awaited<ReturnType<typeof openWay>>;
let webhook: Awaited<ReturnType<typeof openWebhook>>;
let direct: pg.Client;
let secret: string;
let authorization: Readonly<Record<string, string>>;

beforeAll(async () => {
  databaseUrl = await createDatabase(inject('templateDatabase'));
  way = await openWay(databaseUrl);
  webhook = await openWebhook(way.url, folder);
  direct = new pg.Client({ connectionString: databaseUrl });
  await direct.connect();
  const context = contextOf(webhook.services);
  for (const name of ['prod', 'unseen']) await saveCluster(context, { name });
  await savePolicy(context, { name: 'open', text: policyYaml('open'), format: 'yaml' });
  const terms = { pinnedVersion: null, subjects: null, namespaces: null };
  await assignPolicy(context, { cluster: 'prod', policy: 'open', ...terms });
  ({ secret } = await createWebhookSecret(context, 'prod'));
  const made = await createToken(context, {
    name: 'api-server',
    role: 'EVALUATOR',
    clusters: ['prod'],
    expiresAt: null,
  });
  authorization = { Authorization: `Bearer ${made.secret}` };
});

afterAll(async () => {
  await webhook.close();
  await direct.end();
  way.cut();
  await dropDatabase(databaseUrl);
  rmSync(folder, { recursive: true });
});

/** Sends a review as an API server that waits so long, and gives its answer with the milliseconds that it took. */
async function ask(timeout: string, headers: Readonly<Record<string, string>> = {}, cluster = 'prod') {
  const path = headers === authorization || cluster !== 'prod' ? '' : `/~${secret}`;
  const began = performance.now();
  const answer = await webhook.post(
    `/admission/${cluster}${path}/mutate?timeout=${timeout}`,
    podReview(admissionPod()),
    headers,
  );
  return { answer, took: performance.now() - began };
}

const decisionOf = ({ answer }: Awaited<ReturnType<typeof ask>>): string => {
  expect(answer).toMatchObject({ status: 200, body: { response: { allowed: true } } });
  return answer.body.response.auditAnnotations.decision;
};

async function recordedOnce(ids: readonly string[]): Promise<void> {
  const count = async () =>
    (await direct.query('SELECT id FROM decisions WHERE id = ANY($1)', [ids])).rows.length;
  await expect.poll(count, { timeout: 20_000 }).toBe(ids.length);
  expect(new Set(ids).size).toBe(ids.length);
}

/** Waits until the database is asked again. */
async function untilOnline(): Promise<void> {
  const isOnline = async () => {
    const id = decisionOf(await ask('10s'));
    const { rows } = await direct.query('SELECT offline FROM decisions WHERE id = $1', [id]);
    return rows[0]?.offline === false;
  };
  await expect.poll(isOnline, { timeout: 20_000, interval: 200 }).toBe(true);
}

describe('an answer comes in time, and its decision is recorded once', () => {
  test.each(['1s', '3s'])('where the log is locked, with timeout=%s', async (timeout) => {
    await untilOnline();
    await direct.query('BEGIN');
    await direct.query('SELECT FROM decision_heads FOR UPDATE');
    const answers = await Promise.all([ask(timeout), ask(timeout, authorization)]);
    const later = await ask(timeout);
    await direct.query('COMMIT');
    for (const { took } of [...answers, later]) expect(took).toBeLessThan(Number.parseInt(timeout, 10) * 850);
    await recordedOnce([...answers, later].map(decisionOf));
  });

  test('where the cluster is locked', async () => {
    await untilOnline();
    await direct.query('BEGIN');
    await direct.query('LOCK TABLE clusters, tokens IN ACCESS EXCLUSIVE MODE');
    const answers = await Promise.all([ask('1s'), ask('1s', authorization)]);
    await direct.query('COMMIT');
    for (const { took } of answers) expect(took).toBeLessThan(850);
    await recordedOnce(answers.map(decisionOf));
  });

  test('where the database hangs', async () => {
    await untilOnline();
    way.holdUp();
    const first = await Promise.all([ask('1s'), ask('2s', authorization), ask('10s')]);
    for (const [index, limit] of [850, 1_700, 2_000].entries()) {
      expect(first[index]?.took).toBeLessThan(limit);
    }
    // By now it is known to be away.
    const second = await Promise.all([ask('1s'), ask('10s', authorization)]);
    for (const { took } of second) expect(took).toBeLessThan(500);
    way.letGo();
    await recordedOnce([...first, ...second].map(decisionOf));
  });

  test('with 503 where nothing is known of the cluster', async () => {
    await untilOnline();
    way.holdUp();
    const { answer, took } = await ask(
      '1s',
      { Authorization: 'Bearer admin-token-of-the-tests-0123456789abcdef' },
      'unseen',
    );
    way.letGo();
    expect(answer.status).toBe(503);
    expect(answer.body).not.toHaveProperty('response');
    expect(took).toBeLessThan(850);
  });
});
