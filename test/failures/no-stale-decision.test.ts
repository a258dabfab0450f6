import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/storage/database.js';
import { serve } from '../process/served.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { policyYaml } from '../support/operation-context.js';
import { appendTo, newDecision } from '../support/records.js';
import { call, prepare, SETTINGS, startLoad } from './load.js';

/** A save that has returned: from then on the version counts, and the log had this many decisions. */
interface Saved {
  readonly version: number;
  readonly sequence: bigint;
}

/** Decisions that were recorded after a save had returned, and made with a version before it. */
async function staleDecisions(databaseUrl: string, saves: readonly Saved[]): Promise<readonly object[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ sequence: string; version: number }>(
    `SELECT d.sequence, v.number AS version FROM decisions d JOIN policy_versions v ON v.id = d.policy_version_id
     ORDER BY d.sequence`,
  );
  await client.end();
  return rows.filter(({ sequence, version }) =>
    saves.some((saved) => BigInt(sequence) > saved.sequence && version < saved.version),
  );
}

test('two processes record no decision that was made before a save that has returned', {
  timeout: 120_000,
}, async () => {
  const url = await createDatabase(inject('templateDatabase'));
  const database = await openDatabase({ databaseUrl: url, dataDir: '/nonexistent', databasePoolSize: 2 });
  onTestFinished(async () => {
    await database.close();
    await dropDatabase(url);
  });
  const bases = await Promise.all([1, 2].map(() => serve({ ...SETTINGS, DATABASE_URL: url }).ready));
  await prepare(bases[0] ?? '');
  const loads = bases.map((base) => startLoad(() => base, { workers: 6 }));
  const saves: Saved[] = [];
  const head = async () => {
    const { rows } = await database.pool.query<{ last: string }>(
      'SELECT last_sequence AS last FROM decision_heads',
    );
    return BigInt(rows[0]?.last ?? 0);
  };
  for (let round = 0; round < 60; round += 1) {
    // Both processes save, in turn; the save is told to have returned before the log is looked at.
    const saved = await call(
      'PUT',
      `${bases[round % 2]}/v1/policies/open`,
      policyYaml('open', `hostPorts: [{ min: 0, max: ${round + 1} }]`),
    );
    const version = (saved?.body as { version?: number } | undefined)?.version ?? 0;
    saves.push({ version, sequence: await head() });
    await new Promise((done) => setTimeout(done, 20));
  }
  await Promise.all(loads.map((load) => load.stop()));
  expect(loads.flatMap(({ refusals }) => refusals)).toEqual([]);
  expect(saves.at(-1)?.version).toBe(61);
  expect(loads.every(({ acknowledged }) => acknowledged.length > 100)).toBe(true);
  expect(await staleDecisions(url, saves)).toEqual([]);

  // And the test would see one: a decision with the first version, recorded as if its generation had not been looked at.
  const { rows } = await database.pool.query(
    `SELECT c.id, c.generation, v.id AS "policyVersionId" FROM clusters c, policy_versions v WHERE v.number = 1`,
  );
  const { policyVersionId, ...cluster } = rows[0];
  await appendTo(
    database,
    cluster,
    newDecision({ ...cluster, name: 'prod' }, { policyVersionId, allowed: true, code: 'ADMITTED' }),
  );
  expect(await staleDecisions(url, saves)).toHaveLength(1);
});
