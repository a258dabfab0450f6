/**
 * `npm run --silent bench:history [-- SMALL LARGE]` (10,000 and 10,000,000 where nothing is said): fills two databases
 * with so many decisions of one cluster in 30 days, by the log's own append, and compares how long their histories take
 * to read. One JSON line a measurement: medians in milliseconds, and the ratio of large to small; then the bytes that a
 * decision takes with all indexes, and what it says as JSON. Progress goes to standard error.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { readDecisionStats } from '../src/storage/decision-stats.js';
import { findDecision } from '../src/storage/decisions.js';
import { type Database, openDatabase } from '../src/storage/database.js';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.js';
import { pageDecisions, positionAfter } from '../src/storage/search-decisions.js';
import { readOnly } from '../src/storage/transaction.js';
import { DAY, DAYS, fillHistory, type History } from './history-fill.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'data-dir': { type: 'string' } },
});
const [small = 10_000, large = 10_000_000] = positionals.map(Number);
const kept = values['data-dir'];
const ROUNDS = 101;
const PAGE = 10;

const dataDir = kept === undefined ? mkdtempSync(join(tmpdir(), 'podgate-history-')) : resolve(kept);
mkdirSync(dataDir, { recursive: true });
chmodSync(dataDir, 0o755);
// What is measured is reading: what is filled need not survive a crash.
const settings = {
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
};
const postgres = await startEmbeddedPostgres({ dataDir, settings });
const opened: Database[] = [];

async function historyOf(count: number): Promise<Asked> {
  const name = `history_${count}`;
  const database = await open(name);
  const started = performance.now();
  let begun: number | null = null;
  const history = await fillHistory(database, count, (done) => {
    begun ??= done;
    const rate = Math.round(((done - begun) / (performance.now() - started)) * 1000);
    process.stderr.write(`\r${name}: ${done} of ${count} decisions, ${rate} a second `);
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stderr.write(`\r${name}: ${count} decisions, filled in ${seconds} s\n`);
  return { ...history, ids: await idsOf(history) };
}

interface Asked extends History {
  /** Ids of decisions from all over the log, as many as there are rounds. */
  readonly ids: readonly string[];
}

async function idsOf({ database, cluster, count }: History): Promise<readonly string[]> {
  const places = Array.from({ length: ROUNDS }, (_, round) => 1 + Math.floor((round / ROUNDS) * count));
  const { rows } = await database.pool.query<{ id: string }>(
    'SELECT id FROM decisions WHERE cluster_id = $1 AND sequence = ANY($2::bigint[])',
    [cluster.id, places],
  );
  return rows.map(({ id }) => id);
}

async function open(name: string): Promise<Database> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  const database = await openDatabase({ databaseUrl: url.href, dataDir, databasePoolSize: 4 });
  opened.push(database);
  return database;
}

/** What is measured, by its name. */
const QUESTIONS: Readonly<Record<string, (history: Asked, round: number) => Promise<unknown>>> = {
  'first page': (history) => page(history, null),
  '1,000th page': (history) => {
    const last = BigInt(Math.max(PAGE + 1, history.count - 999 * PAGE));
    return page(history, positionAfter(history.cluster.id, {}, 'newest', last));
  },
  'by id': ({ database, ids }, round) => findDecision(readOnly(database), ids[round % ids.length] ?? ''),
  'filtered by control': ({ database, cluster }) =>
    pageDecisions(readOnly(database), cluster.id, { control: 'hostPID' }, 'newest', {
      first: PAGE,
      after: null,
    }),
  'stats of 30 days': ({ database, cluster, start }) =>
    readDecisionStats(readOnly(database), cluster.id, 'DAY', start, new Date(start.getTime() + DAYS * DAY)),
};

function page({ database, cluster }: History, after: string | null): Promise<unknown> {
  return pageDecisions(readOnly(database), cluster.id, {}, 'newest', { first: PAGE, after });
}

/** Asks each question of both histories in turn, so that what else the machine does meets both alike. */
async function compare(small: Asked, large: Asked): Promise<void> {
  for (const [question, ask] of Object.entries(QUESTIONS)) {
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [place, history] of [small, large].entries()) {
        const start = performance.now();
        await ask(history, round);
        times[place]?.push(performance.now() - start);
      }
    }
    const [atSmall, atLarge] = times.map(median);
    tell({
      question,
      [small.count]: atSmall,
      [large.count]: atLarge,
      ratio: (atLarge ?? 0) / (atSmall ?? 1),
    });
  }
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

async function tellSize({ database, count }: History): Promise<void> {
  const { rows } = await database.pool.query<{ name: string; bytes: string }>(`
    SELECT CASE WHEN relname LIKE 'decisions%' THEN 'decisions' ELSE relname END AS name,
      sum(pg_total_relation_size(oid)) AS bytes
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
      AND (relname LIKE 'decision%' OR relname = 'pod_contents')
    GROUP BY 1 ORDER BY 2 DESC`);
  const each = Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes) / count]));
  tell({ 'bytes a decision': Object.values(each).reduce((sum, bytes) => sum + bytes, 0), ...each });
}

function tell(line: Readonly<Record<string, unknown>>): void {
  const rounded = Object.entries(line).map(([key, value]) => [
    key,
    typeof value === 'number' ? Math.round(value * 100) / 100 : value,
  ]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(rounded))}\n`);
}

try {
  const histories = [await historyOf(small), await historyOf(large)] as const;
  await compare(...histories);
  await tellSize(histories[1]);
} finally {
  for (const database of opened) await database.close();
  await postgres.stop();
  if (kept === undefined) rmSync(dataDir, { recursive: true, force: true });
}
