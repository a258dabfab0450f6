import { hash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseSigningKey } from '../../../src/access/signing-key.js';
import type { Cluster } from '../../../src/model/cluster.js';
import type { LogVerification } from '../../../src/model/verify-log.js';
import type { Services } from '../../../src/operations/context.js';
import { signCheckpoints } from '../../../src/operations/decisions/keep-log.js';
import { listDecisions } from '../../../src/operations/decisions/list-decisions.js';
import { removeExpired } from '../../../src/operations/decisions/remove-expired.js';
import { verifyDecisions } from '../../../src/operations/decisions/verify-decisions.js';
import { updateCluster } from '../../../src/storage/clusters.js';
import type { Database } from '../../../src/storage/database.js';
import { inTransaction } from '../../../src/storage/transaction.js';
import { testDatabase } from '../../support/database.js';
import {
  ADMIN,
  contextOf,
  signingWith,
  TEST_SIGNING_KEY,
  testServices,
} from '../../support/operation-context.js';
import { appendTo, givenCluster, newDecision } from '../../support/records.js';

let database: Database;
let services: Services;
beforeAll(async () => {
  database = await testDatabase();
  services = testServices(database);
});

const verify = (cluster: Cluster, of: Services = services): Promise<LogVerification> =>
  verifyDecisions(contextOf(of), { cluster: cluster.name });

/** A log of 30 decisions in batches of 1, 2, 3 … and a signed checkpoint at 15. */
async function givenLog(): Promise<Cluster> {
  const cluster = await givenCluster(database);
  const append = (count: number) =>
    appendTo(
      database,
      cluster,
      ...Array.from({ length: count }, () => {
        const podContent = `{"n":"${uuidv7()}"}`;
        return newDecision(cluster, { podContent, podDigest: digestOf(podContent) });
      }),
    );
  for (const count of [1, 2, 3, 4, 5]) await append(count);
  await signCheckpoints(services);
  for (const count of [6, 7, 2]) await append(count);
  return cluster;
}

function digestOf(text: string): string {
  return `sha256:${hash('sha256', text)}`;
}

/** Runs SQL as who may do everything, with every trigger off: what an intruder with the superuser's rights can do. */
async function tamper(cluster: Cluster, ...statements: readonly string[]): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('SET session_replication_role = replica');
    for (const sql of statements) {
      const { rowCount } = await client.query(sql.replaceAll('$cluster', `'${cluster.id}'`));
      expect(rowCount).toBeGreaterThan(0);
    }
  } finally {
    await client.query('RESET session_replication_role');
    client.release();
  }
}

const at = (sequence: number) => `cluster_id = $cluster AND sequence = ${sequence}`;
const swap = (column: string, a: number, b: number) =>
  `UPDATE decisions SET ${column} = other.${column} FROM decisions other
   WHERE decisions.cluster_id = $cluster AND other.cluster_id = $cluster
     AND (decisions.sequence, other.sequence) IN ((${a}, ${b}), (${b}, ${a}))`;

describe('a log that nobody touched', () => {
  test('is valid, also while it is empty and while decisions arrive', async () => {
    const empty = await givenCluster(database);
    expect(await verify(empty)).toEqual({ valid: true, checked: 0n, firstProblem: null });
    const cluster = await givenLog();
    const [verification] = await Promise.all([
      verify(cluster),
      ...Array.from({ length: 10 }, () => appendTo(database, cluster, newDecision(cluster))),
    ]);
    expect(verification).toMatchObject({ valid: true, firstProblem: null });
    expect(await verify(cluster)).toEqual({ valid: true, checked: 40n, firstProblem: null });
  });

  test('is read no further when who asked has gone', async () => {
    const cluster = await givenLog();
    let asked = 0;
    const isGone = () => {
      asked += 1;
      return asked > 3;
    };
    const input = { cluster: cluster.name };
    await expect(verifyDecisions({ ...contextOf(services), isGone }, input)).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    expect(asked).toBe(4);
  });

  test('is not there for a token of other clusters, and not verified by an evaluator', async () => {
    const cluster = await givenLog();
    const as = (change: object) => contextOf(services, { ...ADMIN, ...change });
    const input = { cluster: cluster.name };
    await expect(verifyDecisions(as({ clusters: ['x'] }), input)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(verifyDecisions(as({ role: 'EVALUATOR' }), input)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

describe('what is done directly in the database is found', () => {
  test.each<
    [
      string,
      string[],
      LogVerification['firstProblem'] & { checked?: bigint } extends infer T ? Partial<T> : never,
    ]
  >([
    [
      'a reason that was altered',
      [`UPDATE decisions SET reason = 'forged' WHERE ${at(8)}`],
      { kind: 'ALTERED', sequence: 8n },
    ],
    [
      'a verdict that was turned',
      [`UPDATE decisions SET allowed = NOT allowed WHERE ${at(1)}`],
      { kind: 'ALTERED', sequence: 1n },
    ],
    [
      'a detail that was altered',
      [`UPDATE decisions SET detail = '[[],[],[],["x"]]' WHERE ${at(17)}`],
      { kind: 'ALTERED', sequence: 17n },
    ],
    [
      'controls that were added',
      [`UPDATE decisions SET controls = '{hostPID}' WHERE ${at(3)}`],
      { kind: 'ALTERED', sequence: 3n },
    ],
    [
      'a time that was altered',
      [`UPDATE decisions SET decided_at = decided_at - interval '1 ms' WHERE ${at(30)}`],
      { kind: 'ALTERED', sequence: 30n },
    ],
    [
      'a time of recording that was altered',
      [`UPDATE decisions SET recorded_at = recorded_at - interval '1 s' WHERE ${at(30)}`],
      { kind: 'ALTERED', sequence: 30n },
    ],
    [
      'a stored workload that was altered',
      [
        `UPDATE pod_contents SET content = '{}' WHERE digest = (SELECT content_digest FROM decisions WHERE ${at(12)})`,
      ],
      { kind: 'ALTERED', sequence: 12n },
    ],
    [
      'a stored workload that was deleted',
      [`DELETE FROM pod_contents WHERE digest = (SELECT content_digest FROM decisions WHERE ${at(2)})`],
      { kind: 'ALTERED', sequence: 2n },
    ],
    [
      'an altered decision whose digest was made to fit',
      [`UPDATE decisions SET reason = 'forged', digest = '\\x00' WHERE ${at(5)}`],
      { kind: 'ALTERED', sequence: 5n },
    ],
    ['a deleted decision', [`DELETE FROM decisions WHERE ${at(9)}`], { kind: 'MISSING', sequence: 9n }],
    ['a deleted first decision', [`DELETE FROM decisions WHERE ${at(1)}`], { kind: 'MISSING', sequence: 1n }],
    ['two decisions that changed places', [swap('sequence', 8, 10)], { kind: 'OUT_OF_ORDER', sequence: 8n }],
    [
      'two decisions of different batches that changed places',
      [swap('sequence', 4, 20)],
      { kind: 'OUT_OF_ORDER', sequence: 4n },
    ],
    [
      'a deleted batch',
      ['DELETE FROM decision_batches WHERE cluster_id = $cluster AND last_sequence = 6'],
      { kind: 'MISSING', sequence: 4n },
    ],
    [
      'a digest of a batch that was altered',
      [`UPDATE decision_batches SET digest = '\\x01' WHERE cluster_id = $cluster AND last_sequence = 10`],
      { kind: 'ALTERED', sequence: 7n },
    ],
    [
      'a tail that was cut off',
      ['DELETE FROM decisions WHERE cluster_id = $cluster AND sequence > 28'],
      { kind: 'MISSING', sequence: 29n },
    ],
    [
      'a tail that was cut off with its batches',
      [
        'DELETE FROM decisions WHERE cluster_id = $cluster AND sequence > 28',
        'DELETE FROM decision_batches WHERE cluster_id = $cluster AND last_sequence > 28',
      ],
      { kind: 'MISSING', sequence: 29n },
    ],
    [
      'a tail that was cut off with everything that tells of it but the checkpoint',
      [
        'DELETE FROM decisions WHERE cluster_id = $cluster AND sequence > 10',
        'DELETE FROM decision_batches WHERE cluster_id = $cluster AND last_sequence > 10',
        `UPDATE decision_heads SET last_sequence = 10, digest = (SELECT digest FROM decision_batches WHERE cluster_id = $cluster AND last_sequence = 10) WHERE cluster_id = $cluster`,
      ],
      { kind: 'MISSING', sequence: 11n },
    ],
    [
      'an end that was altered',
      [`UPDATE decision_heads SET digest = '\\x01' WHERE cluster_id = $cluster`],
      { kind: 'ALTERED', sequence: 30n },
    ],
    [
      'a decision that was added after the end',
      [
        `UPDATE decision_heads SET last_sequence = 28, digest = (SELECT digest FROM decision_batches WHERE cluster_id = $cluster AND last_sequence = 28) WHERE cluster_id = $cluster`,
      ],
      { kind: 'ALTERED', sequence: 29n },
    ],
    [
      'a checkpoint that was forged',
      [`UPDATE decision_checkpoints SET sequence = 10 WHERE cluster_id = $cluster`],
      { kind: 'CHECKPOINT', sequence: 10n },
    ],
    [
      'a beginning that was removed with a forged checkpoint',
      [
        `INSERT INTO decision_checkpoints SELECT cluster_id, 10, 'REMOVAL', (SELECT digest FROM decision_batches WHERE cluster_id = $cluster AND last_sequence = 10), key_id, signature, signed_at FROM decision_checkpoints WHERE cluster_id = $cluster`,
        'DELETE FROM decisions WHERE cluster_id = $cluster AND sequence <= 10',
      ],
      { kind: 'CHECKPOINT', sequence: 10n },
    ],
  ])('%s', async (_, statements, expected) => {
    const cluster = await givenLog();
    await tamper(cluster, ...statements);
    const { valid, checked, firstProblem } = await verify(cluster);
    expect({ valid, ...firstProblem }).toMatchObject({ valid: false, ...expected });
    if (expected.kind !== 'CHECKPOINT') expect(checked).toBeLessThanOrEqual(expected.sequence ?? 0n);
  });

  test.each([
    ['with as many decisions', 15],
    ['so that no batch ends where it was signed', 16],
    ['so that it is longer', 40],
  ])('a log that was written anew after a checkpoint had been signed, %s', async (_, count) => {
    const cluster = await givenLog();
    await tamper(
      cluster,
      'DELETE FROM decisions WHERE cluster_id = $cluster',
      'DELETE FROM decision_batches WHERE cluster_id = $cluster',
      `UPDATE decision_heads SET last_sequence = 0, digest = '' WHERE cluster_id = $cluster`,
    );
    const forged = Array.from({ length: count }, () => newDecision(cluster));
    await appendTo(database, cluster, ...forged);
    expect(await verify(cluster)).toMatchObject({
      valid: false,
      firstProblem: { kind: 'ALTERED', sequence: 1n },
    });
  });
});

describe('the key', () => {
  test('counts after it was replaced only while it is among the trusted ones', async () => {
    const cluster = await givenLog();
    const key = parseSigningKey(Buffer.alloc(32, 9).toString('base64'));
    const replaced = { ...services, signing: signingWith(key) };
    expect(await verify(cluster, replaced)).toMatchObject({
      valid: false,
      firstProblem: { kind: 'CHECKPOINT' },
    });
    const trusting = { ...services, signing: signingWith(key, TEST_SIGNING_KEY) };
    expect(await verify(cluster, trusting)).toMatchObject({ valid: true });
  });
});

describe('retention', () => {
  const inDays = (days: number): Services => ({
    ...services,
    now: () => new Date(Date.now() + days * 86_400_000),
  });

  test('removes what is older than a cluster says, leaves a log that verifies, and never touches other clusters', async () => {
    const [kept, cluster] = [await givenLog(), await givenLog()];
    await inTransaction(database, (tx) =>
      updateCluster(tx, cluster.id, { ...cluster, retention: 7 }, 'test'),
    );
    expect(await removeExpired(inDays(6))).toBe(0n);
    expect(await verify(cluster)).toMatchObject({ checked: 30n });
    expect(await removeExpired(inDays(8))).toBe(30n);
    expect(await verify(cluster)).toEqual({ valid: true, checked: 0n, firstProblem: null });
    const after = await inTransaction(database, (tx) =>
      updateCluster(tx, cluster.id, { ...cluster, retention: 7 }, 'test'),
    );
    await appendTo(database, after, newDecision(after));
    expect(await verify(cluster)).toEqual({ valid: true, checked: 1n, firstProblem: null });
    const page = { cluster: cluster.name, filter: {}, order: 'oldest', first: 10, after: null } as const;
    expect((await listDecisions(contextOf(services), page)).edges.map(({ node }) => node.sequence)).toEqual([
      31n,
    ]);
    expect(await verify(kept)).toMatchObject({ valid: true, checked: 30n });
    await tamper(cluster, `DELETE FROM decisions WHERE ${at(31)}`);
    expect(await verify(cluster)).toMatchObject({ firstProblem: { kind: 'MISSING', sequence: 31n } });
  });

  test('empties a partition of the past whole once nothing else is left in it', async () => {
    await database.pool.query(`CREATE TABLE decisions_2020_01 (LIKE decisions INCLUDING ALL);
      ALTER TABLE decisions ATTACH PARTITION decisions_2020_01
        FOR VALUES FROM (uuidv7_floor('2020-01-01')) TO (uuidv7_floor('2020-02-01'))`);
    const cluster = await givenCluster(database);
    const old = () => newDecision(cluster, { id: uuidv7({ msecs: Date.UTC(2020, 0, 5) }) });
    await appendTo(database, cluster, old(), old());
    await appendTo(database, cluster, old(), newDecision(cluster));
    const size = async () =>
      (await database.pool.query(`SELECT pg_relation_size('decisions_2020_01')::int AS size`)).rows[0].size;
    expect(await size()).toBeGreaterThan(0);
    await inTransaction(database, (tx) =>
      updateCluster(tx, cluster.id, { ...cluster, retention: 1 }, 'test'),
    );
    expect(await removeExpired(inDays(2))).toBe(4n);
    expect(await size()).toBe(0);
    expect(await verify(cluster)).toMatchObject({ valid: true, checked: 0n });
  });
});
