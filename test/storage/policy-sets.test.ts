import { beforeAll, describe, expect, test } from 'vitest';
import {
  findAssignment,
  endAssignment,
  listAssignments,
  putAssignment,
} from '../../src/storage/assignments.js';
import { updateCluster } from '../../src/storage/clusters.js';
import type { Database } from '../../src/storage/database.js';
import { GENERATION_CHANNEL } from '../../src/storage/generation.js';
import { createGenerationLookup, readPolicySet } from '../../src/storage/policy-sets.js';
import { inTransaction, readOnly } from '../../src/storage/transaction.js';
import { testDatabase } from '../support/database.js';
import { givenCluster, givenPolicyVersion } from '../support/records.js';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

const everybody = { pinnedVersion: null, subjects: null, namespaces: null };

const assign = (clusterId: string, policyId: string, terms: Partial<typeof everybody> | object = {}) =>
  inTransaction(database, (tx) => putAssignment(tx, { clusterId, policyId, ...everybody, ...terms }, 'ann'));

const membersAt = async (clusterId: string, at?: Date) => {
  const set = await readPolicySet(readOnly(database), clusterId, at);
  return set?.members.map((member) => `${member.policyName}:${member.version}`) ?? null;
};

describe('the policy set of a cluster', () => {
  test('is in byte order of the names, with the latest or the pinned version', async () => {
    const cluster = await givenCluster(database);
    for (const name of ['b', 'a.z', 'a-z', 'a']) {
      const { policy } = await givenPolicyVersion(database, name);
      await givenPolicyVersion(database, name);
      await assign(cluster.id, policy.id, name === 'b' ? { pinnedVersion: 1 } : {});
    }
    expect(await membersAt(cluster.id)).toEqual(['a:2', 'a-z:2', 'a.z:2', 'b:1']);
  });

  test('answers for the past as it was: versions, terms, settings, and before the cluster was known nothing', async () => {
    const before = new Date(Date.now() - 1000);
    const cluster = await givenCluster(database);
    const { policy, version } = await givenPolicyVersion(database, 'past');
    const { assignment } = await assign(cluster.id, policy.id, { namespaces: ['a'] });
    const second = await givenPolicyVersion(database, 'past');
    const pinned = (await assign(cluster.id, policy.id, { pinnedVersion: 1 })).assignment;
    const changed = await inTransaction(database, (tx) =>
      updateCluster(tx, cluster.id, { ...cluster, addServiceAccountVolume: true }, 'ann'),
    );
    const ended = await inTransaction(database, (tx) => endAssignment(tx, cluster.id, policy.id, 'bob'));
    expect(ended).toMatchObject({ id: pinned.id, endedBy: 'bob' });

    expect(await membersAt(cluster.id, before)).toBeNull();
    expect(await membersAt(cluster.id, new Date(assignment.validFrom.getTime() - 1))).toEqual([]);
    expect(await membersAt(cluster.id, assignment.validFrom)).toEqual(['past:1']);
    expect(await membersAt(cluster.id, second.version.createdAt)).toEqual(['past:2']);
    expect(await membersAt(cluster.id, pinned.validFrom)).toEqual(['past:1']);
    expect(await membersAt(cluster.id, changed.updatedAt)).toEqual(['past:1']);
    expect(await membersAt(cluster.id)).toEqual([]);

    const then = await readPolicySet(readOnly(database), cluster.id, assignment.validFrom);
    expect(then).toMatchObject({
      addServiceAccountVolume: false,
      members: [{ namespaces: ['a'], subjects: null, versionId: version.id, content: version.content }],
    });
    const later = await readPolicySet(readOnly(database), cluster.id, changed.updatedAt);
    expect(later?.addServiceAccountVolume).toBe(true);
  });

  test('is null for a cluster that nobody knows', async () => {
    const nobody = '00000000-0000-7000-8000-000000000000';
    expect(await membersAt(nobody)).toBeNull();
    expect(await createGenerationLookup(database)(nobody)).toBeNull();
  });
});

describe('the generation of a cluster', () => {
  const generations = (...ids: string[]) =>
    Promise.all(ids.map(async (id) => Number(await createGenerationLookup(database)(id))));

  test('moves with an assignment, its end, a setting, and a new version of a policy that is not pinned', async () => {
    const [cluster, pinned, other] = await Promise.all([1, 2, 3].map(() => givenCluster(database)));
    if (!cluster || !pinned || !other) throw new Error('three clusters');
    const { policy } = await givenPolicyVersion(database, 'moving');
    const subjects = [{ kind: 'Group', name: 'dev' }];
    await assign(cluster.id, policy.id, { subjects });
    await assign(pinned.id, policy.id, { pinnedVersion: 1 });
    expect(await generations(cluster.id, pinned.id, other.id)).toEqual([2, 2, 1]);
    await assign(cluster.id, policy.id, { subjects });
    expect(await generations(cluster.id)).toEqual([2]);
    await givenPolicyVersion(database, 'moving');
    expect(await generations(cluster.id, pinned.id, other.id)).toEqual([3, 2, 1]);
    await inTransaction(database, (tx) => endAssignment(tx, cluster.id, policy.id, 'ann'));
    await givenPolicyVersion(database, 'moving');
    expect(await generations(cluster.id, pinned.id, other.id)).toEqual([4, 2, 1]);
  });

  test('is told to those who listen, when the change is committed', async () => {
    const cluster = await givenCluster(database);
    const { policy } = await givenPolicyVersion(database, 'told');
    const listener = await database.pool.connect();
    try {
      const told = new Promise((done) => listener.once('notification', (message) => done(message.payload)));
      await listener.query(`LISTEN ${GENERATION_CHANNEL}`);
      await assign(cluster.id, policy.id);
      expect(await told).toBe(cluster.id);
    } finally {
      listener.release(true);
    }
  });

  test('survives many changes of one cluster and one policy at once, each with its instant', async () => {
    const cluster = await givenCluster(database);
    const policies = await Promise.all(['x', 'y'].map((name) => givenPolicyVersion(database, name)));
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const found = policies[index % 2];
        if (found === undefined) return;
        if (index % 5 === 0) await givenPolicyVersion(database, found.policy.name);
        else await assign(cluster.id, found.policy.id, { namespaces: [`n${index}`] });
      }),
    );
    const { rows } = await database.pool.query(
      `SELECT count(*)::int AS open FROM assignments WHERE cluster_id = $1 AND valid_to IS NULL`,
      [cluster.id],
    );
    expect(rows).toEqual([{ open: 2 }]);
    const overlaps = await database.pool.query(
      `SELECT 1 FROM assignments a JOIN assignments b USING (cluster_id, policy_id)
       WHERE a.id < b.id AND a.valid_from < coalesce(b.valid_to, 'infinity')
         AND b.valid_from < coalesce(a.valid_to, 'infinity')`,
    );
    expect(overlaps.rowCount).toBe(0);
  });
});

describe('assignments', () => {
  test('are found by cluster and by policy, and give back who and where', async () => {
    const cluster = await givenCluster(database);
    const { policy } = await givenPolicyVersion(database, 'found');
    const subjects = [{ kind: 'ServiceAccount', name: 'bot', namespace: 'ci' }];
    await assign(cluster.id, policy.id, { subjects, namespaces: ['ci'] });
    const tx = readOnly(database);
    const found = await findAssignment(tx, cluster.id, policy.id);
    expect(found).toMatchObject({
      clusterName: cluster.name,
      policyName: 'found',
      subjects,
      namespaces: ['ci'],
      createdBy: 'ann',
      validTo: null,
    });
    expect(await listAssignments(tx, { clusterId: cluster.id })).toEqual([found]);
    expect(await listAssignments(tx, { policyId: policy.id })).toEqual([found]);
  });
});
