import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createWebhookSecret } from '../../src/operations/admission/webhook-secrets.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { contextOf } from '../support/operation-context.js';
import { openWay } from '../support/way.js';
import { admissionPod, openWebhook, podReview } from './webhook-app.js';

const folder = mkdtempSync(join(tmpdir(), 'podgate-unavailable-'));
const secrets = new Map<string, string>();
let databaseUrl: string;
let way: Awaited<ReturnType<typeof openWay>>;
let webhook: Awaited<ReturnType<typeof openWebhook>>;

beforeAll(async () => {
  databaseUrl = await createDatabase(inject('templateDatabase'));
  way = await openWay(databaseUrl);
  webhook = await openWebhook(way.url, folder);
  const context = contextOf(webhook.services);
  for (const [name, onUnavailable] of [
    ['careful', 'DENY'],
    ['easy', 'ALLOW'],
  ] as const) {
    await saveCluster(context, { name, onUnavailable });
    secrets.set(name, (await createWebhookSecret(context, name)).secret);
    expect((await ask(name)).status).toBe(200); // now it is known
  }
  await webhook.close();
});

afterAll(async () => {
  await webhook.close();
  await dropDatabase(databaseUrl);
  rmSync(folder, { recursive: true });
});

const ask = (cluster: string) =>
  webhook.post(
    `/admission/${cluster}/~${secrets.get(cluster) ?? ''}/mutate?timeout=2s`,
    podReview(admissionPod()),
    {},
  );

const WHY = 'Podgate can record its decision neither in its database nor on disk';

/** As it was answered, without the uid. */
const answers = async (cluster: string) => {
  const { status, body } = await ask(cluster);
  const { uid: _, ...response } = body.response;
  return [status, response];
};

const DENIED = {
  allowed: false,
  status: { status: 'Failure', reason: 'Forbidden', code: 403, message: `${WHY}: try again` },
};
const LET_THROUGH = { allowed: true, warnings: [`let through unchecked: ${WHY}`] };

describe('where neither the database nor the disk takes a decision, onUnavailable decides', () => {
  test('with a journal that is full, which never grows beyond its limit', async () => {
    way.cut();
    const journalLimit = 6_000;
    webhook = await openWebhook(way.url, folder, { journalLimit });
    let kept = 0;
    while ((await ask('careful')).body.response.auditAnnotations !== undefined) kept += 1;
    expect(kept).toBeGreaterThan(0);
    expect(await answers('careful')).toEqual([200, DENIED]);
    expect(await answers('easy')).toEqual([200, LET_THROUGH]);
    const journal = join(folder, 'webhook', 'journal');
    const bytes = readdirSync(journal).map((file) => readFileSync(join(journal, file)).length);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(journalLimit);

    await way.mend();
    const offline = async () => {
      const { rows } = await webhook.services.database.pool.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM decisions WHERE offline',
      );
      return rows[0]?.count;
    };
    await expect.poll(() => offline().catch(() => null), { timeout: 20_000 }).toBe(kept);
    // There is room again, and the database.
    await expect
      .poll(async () => (await ask('careful')).body.response.status.message, { timeout: 20_000 })
      .toContain('no providers available');
    await webhook.close();
  });

  test('with a disk that is gone', async () => {
    way.cut();
    webhook = await openWebhook(way.url, folder);
    rmSync(join(folder, 'webhook', 'journal'), { recursive: true });
    expect(await answers('careful')).toEqual([200, DENIED]);
    expect(await answers('easy')).toEqual([200, LET_THROUGH]);
  });
});
