import { beforeAll, expect, test } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import type { Cluster } from '../../src/model/cluster.js';
import { latestTie, takeTie } from '../../src/storage/admission-ties.js';
import { type AppendTie, appendDecisions } from '../../src/storage/append-decisions.js';
import { testDatabase } from '../support/database.js';
import { givenCluster, newDecision } from '../support/records.js';

const database = await testDatabase();
let cluster: Cluster;
beforeAll(async () => {
  cluster = await givenCluster(database);
});

const newKey = () => Buffer.from(uuidv7());

/** What an append of one decision needs. */
function request(tie: AppendTie, generation = cluster.generation) {
  return { clusterId: cluster.id, generation, decisions: [newDecision(cluster)], tie };
}

async function noted(key: Buffer): Promise<string> {
  const given = request({ note: key });
  expect(await appendDecisions(database.pool, [given])).toMatchObject([{ recorded: true }]);
  return given.decisions[0]?.id ?? '';
}

test('a decision is noted with its append, and found and taken once, the oldest first', async () => {
  const key = newKey();
  const ids = [await noted(key), await noted(key)];
  expect(await latestTie(database, key)).toBe(ids[1]);
  expect([await takeTie(database, key), await takeTie(database, key)]).toEqual(ids);
  expect(await takeTie(database, key)).toBe(null);
});

test('of many requests in one append each notes and takes its own', async () => {
  const keys = [newKey(), newKey(), newKey()];
  const notes = keys.map((note) => request({ note }));
  await appendDecisions(database.pool, notes);
  const takes = notes.slice(1).map(({ decisions }) => request({ take: decisions[0]?.id ?? '' }));
  const results = await appendDecisions(database.pool, takes);
  expect(results.map(({ recorded }) => recorded)).toEqual([true, true]);
  const left = await Promise.all(keys.map((key) => takeTie(database, key)));
  expect(left).toEqual([notes[0]?.decisions[0]?.id, null, null]);
});

test('a decision whose tie was taken before is not recorded, and those beside it are, without a gap', async () => {
  const id = await noted(newKey());
  const [first] = await appendDecisions(database.pool, [request({ take: id })]);
  const before = first?.recorded === true ? first.lastSequence : 0n;
  const beside = [request({ note: newKey() }), request({ take: id }), request({ note: newKey() })];
  expect(await appendDecisions(database.pool, beside)).toEqual([
    { recorded: true, lastSequence: before + 1n },
    { recorded: false, reason: 'TIE_GONE' },
    { recorded: true, lastSequence: before + 2n },
  ]);
});

test('a decision made with policies of before notes and takes nothing', async () => {
  const [key, other] = [newKey(), newKey()];
  const id = await noted(key);
  const stale = cluster.generation + 1n;
  const moved = { recorded: false, reason: 'GENERATION_MOVED' };
  const requests = [request({ take: id }, stale), request({ note: other }, stale)];
  expect(await appendDecisions(database.pool, requests)).toEqual([moved, moved]);
  expect([await takeTie(database, key), await takeTie(database, other)]).toEqual([id, null]);
});
