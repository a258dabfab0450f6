import pg from 'pg';
import { expect, it } from 'vitest';
import { pod, policy, testApp } from './app.js';

const WAITING = 5;
const { admin, services } = await testApp({ decisionQueue: WAITING });
await admin.put('/v1/clusters/prod').send({});
await admin.put('/v1/policies/open').send(policy('open'));
await admin.put('/v1/clusters/prod/assignments/open').send({});

const evaluate = async (name: string) => {
  const { status, type, headers, body } = await admin
    .post('/v1/clusters/prod/evaluate')
    .set('Idempotency-Key', name)
    .send(pod(name));
  return { name, status, type, retryAfter: headers['retry-after'], body };
};

async function recordedNames(): Promise<readonly string[]> {
  const { body } = await admin.get('/v1/clusters/prod/decisions?first=100');
  return body.decisions.map(({ object }: { object: { name: string } }) => object.name).sort();
}

/** Holds the log's end, so that an append waits; gives what lets it go. */
async function holdLog(): Promise<() => Promise<void>> {
  await evaluate('first');
  const client = new pg.Client({ connectionString: services.database.url });
  await client.connect();
  await client.query('BEGIN; SELECT FROM decision_heads FOR UPDATE');
  return () => client.query('ROLLBACK').then(() => client.end());
}

const isHeldUp = async () => {
  const { rows } = await services.database.pool.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows.length;
};

it('refuses what the full queue of decisions does not take with 429, and loses nothing of what it takes', async () => {
  const letGo = await holdLog();
  const writing = evaluate('writing');
  await expect.poll(isHeldUp, { timeout: 5_000 }).toBe(1);
  const asked = Array.from({ length: 4 * WAITING }, (_, index) => evaluate(`pod-${index}`));
  const refusals = await Promise.all(
    asked.map((answer) => Promise.race([answer, new Promise<null>((done) => setTimeout(done, 2_000, null))])),
  );
  expect(refusals.filter((answer) => answer === null)).toHaveLength(WAITING);
  for (const refused of refusals) {
    if (refused === null) continue;
    expect(refused).toMatchObject({
      status: 429,
      type: 'application/problem+json',
      retryAfter: expect.stringMatching(/^[1-9]\d*$/),
      body: { type: 'urn:podgate:problem:too-many-requests', status: 429 },
    });
  }
  await letGo();
  const answers = await Promise.all([writing, ...asked]);
  const acknowledged = answers.filter(({ status }) => status === 200).map(({ name }) => name);
  expect(acknowledged).toHaveLength(1 + WAITING);
  expect(await recordedNames()).toEqual(['first', ...acknowledged].sort());

  // A refused request may be sent again, also under its key: it is recorded then, once.
  const again = answers.filter(({ status }) => status === 429).map(({ name }) => name);
  for (const name of again) expect((await evaluate(name)).status).toBe(200);
  expect(await recordedNames()).toEqual(['first', ...acknowledged, ...again].sort());
}, 30_000);
