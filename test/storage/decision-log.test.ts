import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { batchDigest, contentOf, leafOf } from '../../src/model/decision-chain.js';
import type { NewDecision } from '../../src/model/decision.js';
import { updateCluster } from '../../src/storage/clusters.js';
import type { Database } from '../../src/storage/database.js';
import { type DecisionLog, type DecisionLogLimits, openDecisionLog } from '../../src/storage/decision-log.js';
import { pageDecisions } from '../../src/storage/search-decisions.js';
import { inTransaction, readOnly } from '../../src/storage/transaction.js';
import { testDatabase } from '../support/database.js';
import { givenCluster, newDecision } from '../support/records.js';
import { openWay } from '../support/way.js';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

const logs: DecisionLog[] = [];
function openLog(limits: Partial<DecisionLogLimits> = {}): DecisionLog {
  const log = openDecisionLog(database, limits);
  logs.push(log);
  return log;
}
afterEach(async () => {
  for (const log of logs.splice(0)) await log.close();
});

interface BatchRow {
  readonly first: number;
  readonly last: number;
  readonly digest: Buffer;
  readonly recordedAt: Date;
}

async function batchesOf(clusterId: string): Promise<readonly BatchRow[]> {
  const { rows } = await database.pool.query<BatchRow>(
    `SELECT first_sequence::int AS first, last_sequence::int AS last, digest, recorded_at AS "recordedAt"
     FROM decision_batches WHERE cluster_id = $1 ORDER BY last_sequence`,
    [clusterId],
  );
  return rows;
}

/** Holds the head of a cluster's log, so that appends to it wait. */
async function hold(clusterId: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT FROM decision_heads WHERE cluster_id = $1 FOR UPDATE', [clusterId]);
  return () => client.end();
}

const until = async (condition: () => Promise<boolean>) => {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 5));
};

/** Waits until a writer waits for a lock. */
const writerWaits = () =>
  until(async () => {
    const { rows } = await database.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows.length > 0;
  });

describe('the decision log', () => {
  test('records requests that arrive together in one commit, each request whole and in order', async () => {
    const cluster = await givenCluster(database);
    const log = openLog();
    const requests = Array.from({ length: 40 }, (_, index) =>
      Array.from({ length: (index % 3) + 1 }, () => newDecision(cluster)),
    );
    const results = await Promise.all(
      requests.map((decisions) => log.append(cluster.id, cluster.generation, decisions)),
    );
    expect(results.every(({ recorded }) => recorded)).toBe(true);
    expect((await batchesOf(cluster.id)).map(({ first, last }) => [first, last])).toEqual([[1, 79]]);
    const { rows } = await database.pool.query(
      'SELECT id FROM decisions WHERE cluster_id = $1 ORDER BY sequence',
      [cluster.id],
    );
    expect(rows.map(({ id }) => id)).toEqual(requests.flat().map(({ id }) => id));
  });

  test('fills the next commit while one is under way, and keeps clusters apart', async () => {
    const [slow, other] = [await givenCluster(database), await givenCluster(database)];
    const log = openLog();
    const release = await hold(slow.id);
    const appends = [log.append(slow.id, slow.generation, [newDecision(slow)])];
    await writerWaits();
    for (let i = 0; i < 10; i += 1) appends.push(log.append(slow.id, slow.generation, [newDecision(slow)]));
    expect(await log.append(other.id, other.generation, [newDecision(other)])).toMatchObject({
      recorded: true,
    });
    expect(await batchesOf(slow.id)).toEqual([]);
    await release();
    await Promise.all(appends);
    expect((await batchesOf(slow.id)).map(({ first, last }) => [first, last])).toEqual([
      [1, 1],
      [2, 11],
    ]);
  });

  test('leaves out of a commit only the requests whose generation has moved', async () => {
    const [moving, steady] = [await givenCluster(database), await givenCluster(database)];
    const moved = await inTransaction(database, (tx) =>
      updateCluster(tx, moving.id, { ...moving, displayName: 'new' }, 'test'),
    );
    const log = openLog();
    const results = await Promise.all([
      log.append(moving.id, moving.generation, [newDecision(moving)]),
      log.append(moving.id, moved.generation, [newDecision(moved)]),
      log.append(steady.id, steady.generation, [newDecision(steady)]),
    ]);
    expect(results).toEqual([
      { recorded: false, reason: 'GENERATION_MOVED' },
      { recorded: true, lastSequence: 1n },
      { recorded: true, lastSequence: 1n },
    ]);
  });

  test('records the others where one request of a commit can not be stored', async () => {
    const cluster = await givenCluster(database);
    const log = openLog();
    const bad = newDecision(cluster, { durationMicros: 2 ** 40 });
    const [good, broken, last] = await Promise.allSettled([
      log.append(cluster.id, cluster.generation, [newDecision(cluster)]),
      log.append(cluster.id, cluster.generation, [newDecision(cluster), bad]),
      log.append(cluster.id, cluster.generation, [newDecision(cluster)]),
    ]);
    expect(good).toMatchObject({ status: 'fulfilled' });
    expect(broken).toMatchObject({ status: 'rejected' });
    expect(last).toMatchObject({ value: { recorded: true, lastSequence: 2n } });
  });

  test('refuses with TOO_MANY_REQUESTS when its queue is full, and records what it has taken', async () => {
    const cluster = await givenCluster(database);
    const log = openLog({ waiting: 5 });
    const release = await hold(cluster.id);
    const first = log.append(cluster.id, cluster.generation, [newDecision(cluster)]);
    await writerWaits();
    const taken = Array.from({ length: 5 }, () =>
      log.append(cluster.id, cluster.generation, [newDecision(cluster)]),
    );
    await expect(log.append(cluster.id, cluster.generation, [newDecision(cluster)])).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      retryAfterSeconds: 1,
    });
    await release();
    await Promise.all([first, ...taken]);
    expect((await batchesOf(cluster.id)).at(-1)?.last).toBe(6);
  });

  test('answers everything that it took before it closes, and refuses what comes later', async () => {
    const cluster = await givenCluster(database);
    const log = openLog();
    const appends = Array.from({ length: 20 }, () =>
      log.append(cluster.id, cluster.generation, [newDecision(cluster)]),
    );
    await log.close();
    expect(await Promise.all(appends)).toHaveLength(20);
    await expect(log.append(cluster.id, cluster.generation, [newDecision(cluster)])).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    logs.splice(0);
  });
});

describe('a request that can not be sent in time', () => {
  const UNSENT_MS = 300;
  /** Rejects within the time from the request's own arrival, and not much later. */
  async function expectGivenUp(append: Promise<unknown>): Promise<void> {
    const came = performance.now();
    await expect(append).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const waited = performance.now() - came;
    expect(waited).toBeGreaterThan(UNSENT_MS * 0.9);
    expect(waited).toBeLessThan(UNSENT_MS + 1_500);
  }

  test('because the one before it hangs is refused, and never recorded', async () => {
    const cluster = await givenCluster(database);
    const log = openLog({ unsentMs: UNSENT_MS });
    const append = () => log.append(cluster.id, cluster.generation, [newDecision(cluster)]);
    const release = await hold(cluster.id);
    const first = append();
    await writerWaits();
    await expectGivenUp(append());
    await expectGivenUp(append());
    await release();
    expect(await first).toEqual({ recorded: true, lastSequence: 1n });
    expect(await append()).toEqual({ recorded: true, lastSequence: 2n });
  });

  test('because there is no connection is refused, and never recorded', async () => {
    const cluster = await givenCluster(database);
    const way = await openWay(database.url);
    onTestFinished(() => way.cut());
    way.holdUp();
    const log = openDecisionLog({ ...database, url: way.url }, { unsentMs: UNSENT_MS });
    logs.push(log);
    const append = () => log.append(cluster.id, cluster.generation, [newDecision(cluster)]);
    await Promise.all([expectGivenUp(append()), expectGivenUp(append())]);
    const waiting = append();
    way.letGo();
    expect(await waiting).toEqual({ recorded: true, lastSequence: 1n });
  });
});

describe('a connection that is cut while a commit is under way', () => {
  async function cutWhileHeld(
    decisions: readonly NewDecision[],
    cluster: { id: string; generation: bigint },
  ) {
    const log = openLog();
    const release = await hold(cluster.id);
    const append = log.append(cluster.id, cluster.generation, decisions);
    await writerWaits();
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%decision_heads%'
         AND wait_event_type = 'Lock'`,
    );
    await release();
    return append;
  }

  test('is settled by writing again where nothing was committed', async () => {
    const cluster = await givenCluster(database);
    expect(await cutWhileHeld([newDecision(cluster)], cluster)).toEqual({ recorded: true, lastSequence: 1n });
  });

  test('is settled by looking where the first try was committed, so that nothing is there twice', async () => {
    const cluster = await givenCluster(database);
    const decision = newDecision(cluster);
    const other = openLog();
    await other.append(cluster.id, cluster.generation, [decision]);
    expect(await cutWhileHeld([decision], cluster)).toEqual({ recorded: true, lastSequence: 1n });
    expect((await batchesOf(cluster.id)).at(-1)?.last).toBe(1);
  });
});

describe('the chain of digests', () => {
  test('is what the model says, for decisions as they are read back', async () => {
    const cluster = await givenCluster(database);
    const log = openLog();
    const strange = newDecision(cluster, {
      reason: 'nul \0, half \ud800',
      patch: [{ op: 'add', path: '/x', value: { z: 1, a: 9_007_199_254_740_993n, f: 0.1 } }],
      requester: { user: 'x\0', groups: ['\udc00', 'b'], serviceAccount: null, namespace: 'default' },
    });
    await log.append(cluster.id, cluster.generation, [strange, newDecision(cluster)]);
    await log.append(cluster.id, cluster.generation, [newDecision(cluster)]);
    const page = await pageDecisions(readOnly(database), cluster.id, {}, 'oldest', {
      first: 10,
      after: null,
    });
    const leaves = page.edges.map(({ node }) => leafOf(contentOf(node), node.sequence));
    const { rows } = await database.pool.query(
      'SELECT digest FROM decisions WHERE cluster_id = $1 ORDER BY sequence',
      [cluster.id],
    );
    expect(rows.map(({ digest }) => digest)).toEqual(leaves);
    let previous: Buffer = Buffer.alloc(0);
    for (const { first, last, digest, recordedAt } of await batchesOf(cluster.id)) {
      previous = batchDigest(cluster.id, previous, recordedAt, leaves.slice(first - 1, last));
      expect(digest).toEqual(previous);
    }
    const head = await database.pool.query('SELECT digest FROM decision_heads WHERE cluster_id = $1', [
      cluster.id,
    ]);
    expect(head.rows).toEqual([{ digest: previous }]);
  });

  test('stays whole under several writers of several processes', async () => {
    const cluster = await givenCluster(database);
    const processes = [openLog(), openLog(), openLog()];
    await Promise.all(
      Array.from({ length: 90 }, async (_, index) => {
        await new Promise((done) => setTimeout(done, index % 7));
        return processes[index % 3]?.append(cluster.id, cluster.generation, [
          newDecision(cluster, { id: uuidv7() }),
        ]);
      }),
    );
    const batches = await batchesOf(cluster.id);
    expect(batches.length).toBeGreaterThan(3);
    const { rows } = await database.pool.query<{ digest: Buffer }>(
      'SELECT digest FROM decisions WHERE cluster_id = $1 ORDER BY sequence',
      [cluster.id],
    );
    expect(rows).toHaveLength(90);
    let previous: Buffer = Buffer.alloc(0);
    for (const { first, last, digest, recordedAt } of batches) {
      previous = batchDigest(
        cluster.id,
        previous,
        recordedAt,
        rows.slice(first - 1, last).map((row) => row.digest),
      );
      expect(digest).toEqual(previous);
    }
    expect(batches.at(-1)?.last).toBe(90);
  });
});
