/**
 * `npm run --silent bench:history [-- SMALL LARGE]` (10,000 and 10,000,000 where nothing is said): fills two databases
 * with so many decisions of one cluster in 30 days, by the log's own append, and compares how long their histories take
 * to read. One JSON line a measurement: medians in milliseconds, and the ratio of large to small; then the bytes that a
 * decision takes with all indexes, and what it says as JSON. Progress goes to standard error.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { type Cluster, DEFAULT_CLUSTER_SETTINGS } from '../src/model/cluster.js';
import type { DecisionCandidate, NewDecision } from '../src/model/decision.js';
import { contentDigest } from '../src/model/policy-set.js';
import { appendDecisions } from '../src/storage/append-decisions.js';
import { insertCluster } from '../src/storage/clusters.js';
import { readDecisionStats } from '../src/storage/decision-stats.js';
import { findDecision } from '../src/storage/decisions.js';
import { type Database, openDatabase } from '../src/storage/database.js';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.js';
import { foldDecisions } from '../src/storage/fold-decisions.js';
import { pageDecisions, positionAfter } from '../src/storage/search-decisions.js';
import { inTransaction, readOnly } from '../src/storage/transaction.js';

const [small = 10_000, large = 10_000_000] = process.argv.slice(2).map(Number);
const DAY = 86_400_000;
const DAYS = 30;
const PER_COMMIT = 1_000;
const ROUNDS = 101;
const PAGE = 10;
const END = Math.floor(Date.now() / DAY) * DAY;

const dataDir = mkdtempSync(join(tmpdir(), 'podgate-history-'));
chmodSync(dataDir, 0o755);
const settings = { shared_buffers: '1GB', max_wal_size: '8GB', synchronous_commit: 'off' };
const postgres = await startEmbeddedPostgres({ dataDir, settings });
const opened: Database[] = [];
interface History {
  readonly database: Database;
  readonly cluster: Cluster;
  readonly count: number;
  /** Some decisions, from all over the log. */
  readonly ids: readonly string[];
}

async function fill(name: string, count: number): Promise<History> {
  const database = await open(name);
  const cluster = await inTransaction(database, (tx) =>
    insertCluster(tx, { ...DEFAULT_CLUSTER_SETTINGS, name: 'bench' }, 'bench'),
  );
  const ids: string[] = [];
  const started = performance.now();
  for (let done = 0; done < count; done += PER_COMMIT) {
    const size = Math.min(PER_COMMIT, count - done);
    const decisions = Array.from({ length: size }, (_, index) => denial(cluster, done + index, count));
    ids.push(decisions[0]?.id ?? '');
    await appendDecisions(database.pool, [
      { clusterId: cluster.id, generation: cluster.generation, decisions },
    ]);
    if (done % 20_000 === 0) await fold(database, cluster);
    if (done % 100_000 === 0) {
      const rate = Math.round((done / (performance.now() - started)) * 1000);
      process.stderr.write(`\r${name}: ${done} of ${count} decisions, ${rate} a second `);
    }
  }
  await fold(database, cluster);
  await database.pool.query('VACUUM ANALYZE');
  process.stderr.write(
    `\r${name}: ${count} decisions, filled in ${Math.round((performance.now() - started) / 1000)} s\n`,
  );
  return { database, cluster, count, ids };
}

async function fold(database: Database, cluster: Cluster): Promise<void> {
  while (await inTransaction(database, (tx) => foldDecisions(tx, cluster.id)));
}

async function open(name: string): Promise<Database> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  const database = await openDatabase({ databaseUrl: url.href, dataDir, databasePoolSize: 4 });
  opened.push(database);
  return database;
}

const PODS = Array.from({ length: 200 }, (_, index) => `{"kind":"Pod","metadata":{"name":"web-${index}"}}`);
const CONTROLS = ['hostNetwork', 'runAsUser', 'allowedCapabilities', 'volumes', 'privileged'] as const;

/** A typical denial: three candidates, of which each rejects the pod for two or three reasons that they share. */
function denial(cluster: Cluster, index: number, count: number): NewDecision {
  const decidedAt = new Date(END - DAYS * DAY + Math.floor((index / count) * DAYS * DAY));
  const podContent = PODS[index % PODS.length] ?? '';
  const violations = [0, 1, 2].map((offset) => violation(index + offset, index));
  const candidates = ['baseline', 'restricted', 'web-only'].map(
    (policy, place): DecisionCandidate => ({
      policy,
      version: 1 + (index % 3),
      outcome: 'REJECTED',
      mutates: place > 0,
      violations: violations.slice(0, place + 1),
    }),
  );
  return {
    id: uuidv7({ msecs: decidedAt.getTime() }),
    clusterId: cluster.id,
    decidedAt,
    source: 'REST',
    operation: 'CREATE',
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: `team-${index % 20}`,
      name: `web-${index % 200}`,
      podPath: '',
    },
    podDigest: contentDigest(podContent),
    podContent,
    allowed: false,
    code: 'NO_POLICY_SATISFIED',
    policyVersionId: null,
    policyName: null,
    policyVersion: null,
    reason: 'No policy that may be used admits the pod: baseline, restricted and web-only reject it.',
    candidates,
    patch: [],
    warnings: [],
    actor: 'token:ci',
    requester: {
      user: 'ci',
      groups: ['system:authenticated'],
      serviceAccount: 'default',
      namespace: `team-${index % 20}`,
    },
    policySetDigest: contentDigest('set'),
    generation: cluster.generation,
    engineVersion: '1.0.0',
    durationMicros: 20 + (index % 30),
    admission: null,
  };
}

function violation(kind: number, index: number): DecisionCandidate['violations'][number] {
  const container = `main-${index % 4}`;
  return {
    // One in fifty speaks of a control that is else unheard of.
    control: kind % 50 === 7 ? 'hostPID' : (CONTROLS[kind % CONTROLS.length] ?? 'hostIPC'),
    type: 'Invalid',
    field: `spec.containers[${index % 4}].securityContext.runAsUser`,
    container,
    value: index % 7,
    message: 'must be in the ranges: [{1000 65535}]',
  };
}

/** What is measured, by its name. */
const QUESTIONS: Readonly<Record<string, (history: History, round: number) => Promise<unknown>>> = {
  'first page': ({ database, cluster }) => page(database, cluster, null),
  '1,000th page': ({ database, cluster, count }) =>
    page(
      database,
      cluster,
      positionAfter(cluster.id, {}, 'newest', BigInt(Math.max(PAGE + 1, count - 999 * PAGE))),
    ),
  'by id': ({ database, ids }, round) =>
    findDecision(readOnly(database), ids[(round * 7) % ids.length] ?? ''),
  'filtered by control': ({ database, cluster }) =>
    pageDecisions(readOnly(database), cluster.id, { control: 'hostPID' }, 'newest', {
      first: PAGE,
      after: null,
    }),
  'stats of 30 days': ({ database, cluster }) =>
    readDecisionStats(readOnly(database), cluster.id, 'DAY', new Date(END - DAYS * DAY), new Date(END)),
};

function page(database: Database, cluster: Cluster, after: string | null): Promise<unknown> {
  return pageDecisions(readOnly(database), cluster.id, {}, 'newest', { first: PAGE, after });
}

/** Asks each question of both histories in turn, so that what else the machine does meets both alike. */
async function compare(small: History, large: History): Promise<void> {
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
  const histories = [await fill('small', small), await fill('large', large)] as const;
  await compare(...histories);
  await tellSize(histories[1]);
} finally {
  for (const database of opened) await database.close();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
