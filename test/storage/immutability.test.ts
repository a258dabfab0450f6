import { beforeAll, describe, expect, test } from 'vitest';
import { putAssignment } from '../../src/storage/assignments.js';
import { insertChange } from '../../src/storage/changes.js';
import type { Database } from '../../src/storage/database.js';
import { savePodSpecRevision } from '../../src/storage/pod-specs.js';
import { inTransaction } from '../../src/storage/transaction.js';
import { testDatabase } from '../support/database.js';
import { appendTo, givenCluster, givenPolicyVersion, newDecision } from '../support/records.js';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
  const cluster = await givenCluster(database);
  const { policy } = await givenPolicyVersion(database, 'fixed');
  await appendTo(database, cluster, newDecision(cluster));
  await inTransaction(database, async (tx) => {
    const pod = { namespace: 'n', kind: 'Pod', name: 'p', digest: 'sha256:1', content: '{}', author: 'ann' };
    await savePodSpecRevision(tx, { clusterId: cluster.id, ...pod });
    const terms = { pinnedVersion: null, subjects: null, namespaces: null };
    await putAssignment(tx, { clusterId: cluster.id, policyId: policy.id, ...terms }, 'ann');
    await insertChange(tx, {
      actor: 'ann',
      action: 'POLICY_CREATED',
      clusterId: null,
      policyId: policy.id,
      details: { note: 'nul \0' },
    });
  });
});

const month = new Date().toISOString().slice(0, 7).replace('-', '_');

describe.each([
  ['policy_versions', 'author'],
  ['pod_contents', 'content'],
  ['pod_spec_revisions', 'author'],
  ['decisions', 'reason'],
  [`decisions_${month}`, 'reason'],
  ['decision_batches', 'digest'],
  ['changes', 'actor'],
  ['assignments', 'created_by'],
  ['cluster_revisions', 'created_by'],
])('the table %s', (table, column) => {
  test.each([
    ['UPDATE', `UPDATE ${table} SET ${column} = 'forged'`],
    ['DELETE', `DELETE FROM ${table}`],
    ['TRUNCATE', `TRUNCATE ${table} CASCADE`],
  ])('has rows and refuses %s', async (command, sql) => {
    const { rows } = await database.pool.query(`SELECT count(*)::int AS count FROM ${table}`);
    expect(rows[0].count).toBeGreaterThan(0);
    await expect(database.pool.query(sql)).rejects.toThrow(
      new RegExp(`^(${command}|TRUNCATE) of \\w+ is refused`),
    );
  });
});

test('an assignment that has ended can not be opened or ended again', async () => {
  const ending = `UPDATE assignments SET valid_to = valid_from, ended_by = 'ann'`;
  await database.pool.query(ending);
  await expect(database.pool.query(ending)).rejects.toThrow(/is refused/);
  await expect(
    database.pool.query('UPDATE assignments SET valid_to = NULL, ended_by = NULL'),
  ).rejects.toThrow(/is refused/);
});

test('a cluster that has a log can not be deleted', async () => {
  await expect(database.pool.query('DELETE FROM clusters')).rejects.toThrow(/foreign key/);
});
