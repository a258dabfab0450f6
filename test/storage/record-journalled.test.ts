import { expect, test } from 'vitest';
import { recordJournalled } from '../../src/storage/record-journalled.js';
import { testDatabase } from '../support/database.js';
import { appendTo, givenCluster, newDecision } from '../support/records.js';

const database = await testDatabase();

async function idsOf(clusterId: string): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    'SELECT id FROM decisions WHERE cluster_id = $1 ORDER BY sequence',
    [clusterId],
  );
  return rows.map(({ id }) => id);
}

test('decisions of an outage are recorded once, whatever the generation is by now', async () => {
  const cluster = await givenCluster(database);
  const decisions = [1, 2, 3].map(() => newDecision(cluster, { generation: 99n }));
  const [first] = decisions;
  await appendTo(database, cluster, ...(first === undefined ? [] : [first]));
  expect(await recordJournalled(database, decisions)).toBe(0);
  expect(await recordJournalled(database, decisions)).toBe(0);
  expect(await idsOf(cluster.id)).toEqual(decisions.map(({ id }) => id));
});

test('those that the database can not take are counted, and hold up none of the others', async () => {
  const cluster = await givenCluster(database);
  const good = [newDecision(cluster), newDecision(cluster)];
  const nowhere = '01930000-0000-7000-8000-000000000000';
  const bad = [
    newDecision(cluster, { clusterId: nowhere }),
    newDecision(cluster, { durationMicros: 2 ** 40 }),
  ];
  expect(await recordJournalled(database, [...bad, ...good])).toBe(2);
  expect(await idsOf(cluster.id)).toEqual(good.map(({ id }) => id));
});
