import pg from 'pg';
import { expect } from 'vitest';
import { policyYaml } from '../support/operation-context.js';

export const TOKEN = 'a-token-of-the-failure-tests-0123456789';
export const SIGNING_KEY = Buffer.alloc(32, 3).toString('base64');
/** Settings that every service of these tests has. */
export const SETTINGS = {
  PODGATE_ADMIN_TOKEN: TOKEN,
  PODGATE_SIGNING_KEY: SIGNING_KEY,
};

/** An answer, or null where the connection broke. */
export type Answer = { readonly status: number; readonly type: string; readonly body: unknown } | null;

/** Sends a request as the administrator. */
export async function call(
  method: string,
  url: string,
  body?: object | string,
  headers: object = {},
): Promise<Answer> {
  const type = typeof body === 'string' ? 'application/yaml' : 'application/json';
  try {
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': type, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      body: JSON.parse(text || 'null'),
    };
  } catch {
    return null;
  }
}

/** A cluster with one policy, in which every pod of the load is admitted. */
export async function prepare(base: string): Promise<void> {
  await call('PUT', `${base}/v1/clusters/prod`, {});
  await call('PUT', `${base}/v1/policies/open`, policyYaml('open'));
  expect((await call('PUT', `${base}/v1/clusters/prod/assignments/open`, {}))?.status).toBe(201);
}

/** Asks for the evaluation of one pod of that name. */
export const evaluate = (base: string, name: string, headers: object = {}): Promise<Answer> =>
  call(
    'POST',
    `${base}/v1/clusters/prod/evaluate`,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { containers: [{ name: 'main', image: 'app' }] },
    },
    headers,
  );

/** Requests that are made without a pause, each for a pod of its own, until they are stopped. */
export interface Load {
  /** Names of pods whose decision was acknowledged, in the order of the answers. */
  readonly acknowledged: string[];
  /** Names of pods that got no answer, or another one. */
  readonly unanswered: string[];
  readonly refusals: Exclude<Answer, null>[];
  readonly stop: () => Promise<void>;
}

/** Starts the load; with keys, every request has an Idempotency-Key, its pod's name. */
export function startLoad(base: () => string, options: { workers?: number; keys?: boolean } = {}): Load {
  const { workers = 8, keys = false } = options;
  const load = {
    acknowledged: [] as string[],
    unanswered: [] as string[],
    refusals: [] as Exclude<Answer, null>[],
  };
  const stopping = new AbortController();
  let next = 0;
  const work = async () => {
    while (!stopping.signal.aborted) {
      next += 1;
      const name = `pod-${next}`;
      const answer = await evaluate(base(), name, keys ? { 'idempotency-key': name } : {});
      if (answer?.status === 200) load.acknowledged.push(name);
      else {
        load.unanswered.push(name);
        if (answer !== null) load.refusals.push(answer);
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  };
  const working = Array.from({ length: workers }, work);
  return {
    ...load,
    stop: async () => {
      stopping.abort();
      await Promise.all(working);
    },
  };
}

/** The names of the pods in the log, oldest first. */
export async function recordedNames(databaseUrl: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM decisions ORDER BY cluster_id, sequence',
  );
  await client.end();
  return rows.map(({ name }) => name);
}

/** Every acknowledged decision is there, none is there twice, and the log verifies. */
export async function expectNothingLost(load: Load, base: string, databaseUrl: string): Promise<void> {
  const names = await recordedNames(databaseUrl);
  const recorded = new Set(names);
  expect(load.acknowledged.filter((name) => !recorded.has(name))).toEqual([]);
  expect(names).toHaveLength(recorded.size);
  const verified = await call('GET', `${base}/v1/clusters/prod/decisions/verify`);
  expect(verified?.body).toEqual({ valid: true, checked: names.length, firstProblem: null });
}

/** Meanwhile nothing was answered but 503 as a problem document. */
export function expectUnavailable(load: Load): void {
  for (const { status, type, body } of load.refusals) {
    expect([status, type, body]).toEqual([
      503,
      'application/problem+json',
      expect.objectContaining({ status: 503 }),
    ]);
  }
}

/** Waits until so many more decisions have been acknowledged. */
export async function acknowledgeMore(load: Load, count: number): Promise<void> {
  const goal = load.acknowledged.length + count;
  await expect.poll(() => load.acknowledged.length, { timeout: 60_000, interval: 20 }).toBeGreaterThan(goal);
}
