import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Database, openDatabase } from '../../src/storage/database.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { appendTo, newDecision } from '../support/records.js';
import { dataFolder, serve } from './served.js';
import { call, evaluate, prepare, SETTINGS, TOKEN } from '../failures/load.js';

/** Decisions in the log before it is read, and the bytes of each at least: 160 MB together, more than may be in memory. */
const BACKLOG = 20_000;
const REASON = 'x'.repeat(8_000);
/** What a server may grow by with a reader that doesn't read, and while the last three quarters of the log are. */
const MOST_GROWTH = 100 * 1024 * 1024;

let url: string;
let database: Database;

beforeAll(async () => {
  url = await createDatabase(inject('templateDatabase'));
  database = await openDatabase({ databaseUrl: url, dataDir: '/nonexistent', databasePoolSize: 2 });
}, 60_000);

afterAll(async () => {
  await database.close();
  await dropDatabase(url);
});

/** With little memory, so that what nobody needs any more is soon collected and growth is what is kept. */
const NODE_OPTIONS = '--max-old-space-size=128';

async function start(): Promise<string> {
  const settings = { ...SETTINGS, DATABASE_URL: url, PODGATE_DATA_DIR: await dataFolder() };
  return serve({ ...settings, NODE_OPTIONS }).ready;
}

async function fill(): Promise<void> {
  const { rows } = await database.pool.query(`SELECT id, generation FROM clusters WHERE name = 'prod'`);
  const [cluster] = rows;
  for (let made = 0; made < BACKLOG; made += 500) {
    const batch = Array.from({ length: 500 }, () => newDecision(cluster, { reason: REASON }));
    await appendTo(database, cluster, ...batch);
  }
}

const QUERY =
  'subscription ($after: String) { decisionRecorded(cluster: "prod", after: $after) { sequence reason } }';

/** Watches from a sequence on; what came is told in order. */
function watch(base: string, after: string) {
  const sockets: WebSocket[] = [];
  const client: Client = createClient({
    url: `${base.replace('http', 'ws')}/graphql`,
    webSocketImpl: class extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given);
        sockets.push(this);
      }
    },
    connectionParams: { authorization: `Bearer ${TOKEN}` },
    retryAttempts: 0,
  });
  const seen: number[] = [];
  const ended = (async () => {
    const variables = { after };
    for await (const { data } of client.iterate<{ decisionRecorded: { sequence: string } }>({
      query: QUERY,
      variables,
    })) {
      seen.push(Number(data?.decisionRecorded.sequence));
    }
  })().catch(() => undefined); // it was cut
  onTestFinished(() => void client.dispose());
  return { seen, ended, socket: () => sockets.at(-1) };
}

const through = (last: number, from = 1) =>
  Array.from({ length: last - from + 1 }, (_, index) => from + index);

async function memoryOf(base: string): Promise<number> {
  const response = await fetch(`${base}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(await response.text())?.[1]);
}

/** The most that a server has grown by while something is done. */
async function growthOf(base: string, work: () => Promise<void>): Promise<number> {
  const before = await memoryOf(base);
  let most = before;
  const timer = setInterval(() => {
    void memoryOf(base).then((now) => {
      most = Math.max(most, now);
    });
  }, 200);
  await work();
  clearInterval(timer);
  return most - before;
}

describe.sequential('decisions as they come, over two servers', { timeout: 180_000 }, () => {
  test('are each told once and in order, also after a connection broke, by whichever server', async () => {
    const [one, two] = [await start(), await start()];
    await prepare(one);
    const first = watch(one, '0');
    const asked: Promise<unknown>[] = [];
    const record = async (count: number) => {
      for (let index = 0; index < count; index += 1) {
        asked.push(evaluate(index % 2 === 0 ? one : two, `pod-${index}`));
        if (index % 10 === 0) await asked.at(-1);
      }
    };
    const recording = record(300);
    await expect.poll(() => first.seen.length, { timeout: 30_000 }).toBeGreaterThan(50);
    first.socket()?.terminate();
    await first.ended;
    const last = first.seen.at(-1) ?? 0;
    expect(first.seen).toEqual(through(last));

    const second = watch(two, String(last));
    await recording;
    await Promise.all(asked);
    await expect.poll(() => second.seen.at(-1), { timeout: 30_000 }).toBe(300);
    expect(second.seen).toEqual(through(300, last + 1));
  });

  test('hold nothing up and take no memory where the reader does not read', async () => {
    await fill();
    const base = await start();
    // A first reader, so that the server has what it needs for any.
    const warm = watch(base, String(BACKLOG));
    await expect.poll(() => warm.seen.length, { timeout: 20_000 }).toBe(300);
    let watched = warm;
    const growth = await growthOf(base, async () => {
      watched = watch(base, '0');
      await expect.poll(() => watched.seen.length, { timeout: 20_000 }).toBeGreaterThan(0);
      watched.socket()?.pause();
      for (let index = 0; index < 50; index += 1) {
        expect(await evaluate(base, `meanwhile-${index}`)).toMatchObject({ status: 200 });
      }
      await new Promise((done) => setTimeout(done, 3_000));
    });
    expect(growth).toBeLessThan(MOST_GROWTH);
    // What is in the sockets' buffers has come; the rest waits in the log.
    expect(watched.seen.length).toBeLessThan(BACKLOG / 2);
    const before = watched.seen.length;
    watched.socket()?.resume();
    await expect.poll(() => watched.seen.length, { timeout: 30_000 }).toBeGreaterThan(before + 1_000);
    watched.socket()?.terminate();
    await watched.ended;
    expect(watched.seen).toEqual(through(watched.seen.length));
  });

  test('are exported in constant memory, as NDJSON and as CSV', async () => {
    const base = await start();
    for (const [type, others] of [
      ['application/x-ndjson', 350],
      ['text/csv', 351],
    ] as const) {
      const asked = get(`${base}/v1/clusters/prod/decisions/export?order=oldest`, {
        headers: { authorization: `Bearer ${TOKEN}`, accept: type },
      });
      // The event's only argument is the response.
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      // Nobody reads: the server waits, and answers others.
      const growth = await growthOf(base, () => new Promise((done) => setTimeout(done, 3_000)));
      expect(growth).toBeLessThan(MOST_GROWTH);
      expect(await call('GET', `${base}/v1/clusters`)).toMatchObject({ status: 200 });
      let lines = 0;
      let atQuarter = 0;
      for await (const line of createInterface({ input: response })) {
        if (line !== '') lines += 1;
        if (lines === BACKLOG / 4) atQuarter = await memoryOf(base);
      }
      expect((await memoryOf(base)) - atQuarter).toBeLessThan(MOST_GROWTH);
      expect(lines).toBe(BACKLOG + others);
    }
  });
});
