import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { ownDatabase } from '../failures/database.js';
import { call } from '../failures/load.js';
import { serve } from '../process/served.js';
import { policyYaml } from '../support/operation-context.js';
import { admissionPod, podReview } from './webhook-app.js';
import { AUTHORITY, postReview, Refused, webhookSettings } from './webhook-process.js';

/** A minute is what Podgate promises; the test of every day is shorter. */
const OUTAGE_SECONDS = Number(process.env['PODGATE_TEST_OUTAGE_SECONDS'] ?? '12');
const REVIEWS_PER_SECOND = 100;
/** As an API server waits at most, by the query; an answer that comes later is none. */
const TIMEOUT_MS = 10_000;

/** A review that was answered. */
interface Answered {
  readonly decision: string;
  /** When it was sent to who answered, and when the answer had come: times since the epoch. */
  readonly sent: number;
  readonly came: number;
}

/** Sends a review; while nobody listens, or who listened dies, it is sent again, as to the other of two instances. */
async function ask(url: string, agent: Agent, number: number): Promise<Answered> {
  const isDenied = number % 10 === 0;
  const review = podReview(admissionPod({ hostNetwork: isDenied }, { name: `pod-${number}` }));
  for (;;) {
    const sent = Date.now();
    const body = await postReview(url, agent, JSON.stringify(review)).catch((error: unknown) => {
      if (error instanceof Refused) throw error;
      return null;
    });
    if (body === null) await sleep(50);
    else {
      const { allowed, uid, auditAnnotations } = JSON.parse(body).response;
      expect({ allowed, uid }).toEqual({ allowed: !isDenied, uid: review.request.uid });
      return { decision: auditAnnotations.decision, sent, came: Date.now() };
    }
  }
}

/** Sends reviews at a steady rate until it is stopped, which gives what was answered. */
function startReviews(url: string) {
  const agent = new Agent({ keepAlive: true, ca: AUTHORITY, maxSockets: 100 });
  const asked: Promise<Answered>[] = [];
  const stopping = new AbortController();
  const sending = (async () => {
    const began = performance.now();
    while (!stopping.signal.aborted) {
      const early = began + (asked.length * 1000) / REVIEWS_PER_SECOND - performance.now();
      if (early > 0) await sleep(early);
      const answer = ask(url, agent, asked.length);
      answer.catch(() => undefined); // its failure is seen at the end
      asked.push(answer);
    }
  })();
  return async () => {
    stopping.abort();
    await sending;
    const answered = await Promise.all(asked);
    agent.destroy();
    return answered;
  };
}

/** A cluster whose policy refuses the node's network, and the secret of its webhook. */
async function prepare(base: string): Promise<string> {
  await call('PUT', `${base}/v1/clusters/prod`, {});
  await call('PUT', `${base}/v1/policies/guarded`, policyYaml('guarded'));
  expect((await call('PUT', `${base}/v1/clusters/prod/assignments/guarded`, {}))?.status).toBe(201);
  const made = await call('POST', `${base}/v1/clusters/prod/webhook-secrets`, {});
  const { secret } = Object(made?.body);
  expect(secret).toEqual(expect.any(String));
  return String(secret);
}

interface Recorded {
  readonly id: string;
  readonly offline: boolean;
  readonly decided: number;
  readonly recorded: number;
}

async function readLog(url: string): Promise<readonly Recorded[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Recorded>(
      `SELECT id, offline, extract(epoch FROM decided_at)::float8 * 1000 AS decided,
         extract(epoch FROM recorded_at)::float8 * 1000 AS recorded FROM decisions`,
    );
    return rows;
  } finally {
    await client.end();
  }
}

test(
  'a database that is killed and a service that is killed in the middle of it lose no decision, and every review is answered in time',
  async () => {
    const database = await ownDatabase();
    const settings = await webhookSettings(database.url);
    const first = serve(settings);
    const secret = await prepare(await first.ready);
    const url = `https://127.0.0.1:${settings.PODGATE_WEBHOOK_PORT}/admission/prod/~${secret}/mutate?timeout=${TIMEOUT_MS / 1000}s`;
    const stop = startReviews(url);
    await sleep(2_000);

    await database.kill();
    const killed = Date.now();
    await sleep(OUTAGE_SECONDS * 500);
    first.child.kill('SIGKILL');
    await first.ended;
    const base = await serve(settings).ready;
    expect((await call('GET', `${base}/readyz`))?.status).toBe(503);
    expect((await call('GET', `${base}/healthz`))?.status).toBe(200);
    expect((await call('GET', `${base}/v1/clusters/prod`))?.status).toBe(503);
    await sleep(Math.max(0, killed + OUTAGE_SECONDS * 1000 - Date.now()));
    const started = Date.now();
    await database.start();
    await sleep(3_000);
    const answered = await stop();

    const slowest = Math.max(...answered.map(({ sent, came }) => came - sent));
    expect(slowest).toBeLessThan(TIMEOUT_MS);
    const ids = new Set(answered.map(({ decision }) => decision));
    expect(ids.size).toBe(answered.length);
    const missing = async () => {
      const there = new Set((await readLog(database.directUrl())).map(({ id }) => id));
      return [...ids].filter((id) => !there.has(id)).length;
    };
    await expect.poll(missing, { timeout: 60_000, interval: 500 }).toBe(0);

    const log = new Map((await readLog(database.directUrl())).map((each) => [each.id, each]));
    // What got lost with the killed process was sent again, and may have been recorded before.
    expect(log.size - ids.size).toBeLessThan(REVIEWS_PER_SECOND);
    const meanwhile = answered.filter(({ sent, came }) => sent > killed + 2_000 && came < started);
    expect(meanwhile.length).toBeGreaterThan(OUTAGE_SECONDS);
    for (const { decision, sent, came } of meanwhile) {
      const { offline, decided, recorded } = log.get(decision) ?? { offline: null, decided: 0, recorded: 0 };
      expect(offline).toBe(true);
      expect(decided >= sent - 1 && decided <= came + 1).toBe(true);
      expect(recorded).toBeGreaterThan(started);
    }
    await expect
      .poll(async () => (await call('GET', `${base}/readyz`))?.status, { timeout: 20_000 })
      .toBe(200);
    const verified = await call('GET', `${base}/v1/clusters/prod/decisions/verify`);
    expect(verified?.body).toMatchObject({ valid: true, checked: log.size });
  },
  (OUTAGE_SECONDS + 150) * 1000,
);
