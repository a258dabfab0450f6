import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_CLUSTER_SETTINGS } from '../../src/model/cluster.js';
import type { NewChange } from '../../src/model/change.js';
import type { Page } from '../../src/model/page.js';
import { endAssignment, putAssignment } from '../../src/storage/assignments.js';
import { insertChange, pageChanges } from '../../src/storage/changes.js';
import {
  findClusterByName,
  findClustersByIds,
  pageClusters,
  updateCluster,
} from '../../src/storage/clusters.js';
import type { Database } from '../../src/storage/database.js';
import {
  findPodSpec,
  findPodSpecRevision,
  findPodSpecsByIds,
  pagePodSpecRevisions,
  pagePodSpecs,
  savePodSpecRevision,
} from '../../src/storage/pod-specs.js';
import {
  findPoliciesByIds,
  findPolicyAssignedIn,
  findPolicyByName,
  findPolicyVersion,
  findPolicyVersionsByIds,
  lockPolicy,
  pagePolicies,
  pagePolicyVersions,
  setPolicyArchived,
} from '../../src/storage/policies.js';
import { findToken, insertToken, pageTokens, revokeToken, touchTokens } from '../../src/storage/tokens.js';
import { createTokenLookup } from '../../src/storage/token-lookup.js';
import { inTransaction, readOnly, type Tx } from '../../src/storage/transaction.js';
import { testDatabase } from '../support/database.js';
import { givenCluster, givenPolicyVersion } from '../support/records.js';

let database: Database;
let tx: Tx;
beforeAll(async () => {
  database = await testDatabase();
  tx = readOnly(database);
});

const everybody = { pinnedVersion: null, subjects: null, namespaces: null };

/** Every item of a list, read in pages of `first`, as what `name` makes of it. */
async function readAll<T, N>(
  page: (request: { first: number; after: string | null }) => Promise<Page<T>>,
  name: (node: T) => N,
  first = 2,
): Promise<N[]> {
  const names: N[] = [];
  for (let after: string | null = null; ; ) {
    const { edges, endCursor, hasNextPage } = await page({ first, after });
    names.push(...edges.map(({ node }) => name(node)));
    if (!hasNextPage) return names;
    expect(edges).toHaveLength(first);
    after = endCursor;
  }
}

describe('clusters', () => {
  test('are found by name and by id, paged newest first, and by names only where these are given', async () => {
    const clusters = [];
    for (const name of ['one', 'two', 'three']) clusters.push(await givenCluster(database, name));
    expect(await findClusterByName(tx, 'two')).toEqual(clusters[1]);
    expect(await findClusterByName(tx, 'nul\0')).toBeNull();
    const ids = clusters.map((cluster) => cluster.id);
    expect(await findClustersByIds(tx, ids)).toHaveLength(3);
    const names = ['one', 'two', 'three'];
    expect(
      await readAll(
        (page) => pageClusters(tx, { ...page, names }),
        (cluster) => cluster.name,
      ),
    ).toEqual(['three', 'two', 'one']);
    const some = await pageClusters(tx, { first: 10, after: null, names: ['one', 'unknown'] });
    expect(some.edges.map(({ node }) => node.name)).toEqual(['one']);
  });

  test('take new settings, which move the generation', async () => {
    const cluster = await givenCluster(database);
    const settings = {
      ...DEFAULT_CLUSTER_SETTINGS,
      displayName: 'EU',
      kubernetesVersion: 'v1.24',
      addServiceAccountVolume: true,
      retention: 30,
    };
    const changed = await inTransaction(database, (inner) =>
      updateCluster(inner, cluster.id, settings, 'ann'),
    );
    expect(changed).toMatchObject({ ...settings, generation: cluster.generation + 1n });
    expect(changed.updatedAt.getTime()).toBeGreaterThan(cluster.updatedAt.getTime());
    expect(await findClusterByName(tx, cluster.name)).toEqual(changed);
  });
});

describe('policies', () => {
  test('keep their versions, which are found one by one and paged newest first', async () => {
    const made = [];
    for (let number = 1; number <= 3; number += 1) made.push(await givenPolicyVersion(database, 'kept'));
    const [first] = made;
    if (first === undefined) throw new Error('three versions');
    const { policy, version } = first;
    expect(await findPolicyByName(tx, 'kept')).toMatchObject({ latestVersion: 3, archivedAt: null });
    expect(await findPolicyVersion(tx, policy.id, 1)).toEqual(version);
    expect(await findPolicyVersion(tx, policy.id, 4)).toBeNull();
    expect(await findPolicyVersionsByIds(tx, [version.id])).toEqual([version]);
    expect(await findPoliciesByIds(tx, [policy.id])).toHaveLength(1);
    const numbers = await readAll(
      (page) => pagePolicyVersions(tx, policy.id, page),
      (each) => each.number,
    );
    expect(numbers).toEqual([3, 2, 1]);
  });

  test('are left out of lists when archived, unless asked for', async () => {
    const { policy } = await givenPolicyVersion(database, 'archived');
    await setPolicyArchived(tx, policy.id, new Date());
    const list = (includeArchived: boolean) =>
      readAll(
        (page) => pagePolicies(tx, { ...page, includeArchived, clusterNames: null }),
        (each) => each.name,
      );
    expect(await list(false)).not.toContain('archived');
    expect(await list(true)).toContain('archived');
  });

  test('are visible in a cluster while they are assigned there', async () => {
    const [cluster, other] = [await givenCluster(database), await givenCluster(database)];
    const { policy } = await givenPolicyVersion(database, 'visible');
    await inTransaction(database, (inner) =>
      putAssignment(inner, { clusterId: cluster.id, policyId: policy.id, ...everybody }, 'ann'),
    );
    const seen = async (clusterNames: string[]) => {
      const page = await pagePolicies(tx, { first: 9, after: null, includeArchived: true, clusterNames });
      return page.edges.map(({ node }) => node.name);
    };
    expect(await seen([cluster.name])).toEqual(['visible']);
    expect(await seen([other.name])).toEqual([]);
    const found = async (...clusterNames: string[]) =>
      (await findPolicyAssignedIn(tx, 'visible', clusterNames))?.id ?? null;
    expect(await found(other.name, cluster.name)).toBe(policy.id);
    expect([await found(other.name), await found()]).toEqual([null, null]);
    await inTransaction(database, (inner) => endAssignment(inner, cluster.id, policy.id, 'ann'));
    expect(await seen([cluster.name])).toEqual([]);
    expect(await found(cluster.name)).toBeNull();
  });

  test('are held by a lock, so that of two writers one comes after the other', async () => {
    await Promise.all(Array.from({ length: 8 }, () => givenPolicyVersion(database, 'kept')));
    const policy = await inTransaction(database, (inner) => lockPolicy(inner, 'kept'));
    expect(policy?.latestVersion).toBe(11);
  });
});

describe('pod specs', () => {
  const pod = { namespace: 'shop', kind: 'Deployment', author: 'ann' };

  test('make a new revision for new content only, also when saved at once', async () => {
    const cluster = await givenCluster(database);
    const save = (content: string) =>
      inTransaction(database, (inner) =>
        savePodSpecRevision(inner, {
          ...pod,
          clusterId: cluster.id,
          name: 'cart',
          digest: `sha256:${content}`,
          content,
        }),
      );
    const first = await save('{"a":1}');
    expect(first).toMatchObject({ created: true, revision: { number: 1 }, podSpec: { latestRevision: 1 } });
    expect(await save('{"a":1}')).toMatchObject({ created: false, revision: first.revision });
    await Promise.all(['b', 'c', 'd'].map((key) => save(`{"${key}":1}`)));
    expect(await save('{"a":1}')).toMatchObject({ created: true, revision: { number: 5 } });
    const { id } = first.podSpec;
    expect(await findPodSpecRevision(tx, id, 1)).toEqual(first.revision);
    const numbers = await readAll(
      (page) => pagePodSpecRevisions(tx, id, page),
      (revision) => revision.number,
    );
    expect(numbers).toEqual([5, 4, 3, 2, 1]);
    expect(await findPodSpec(tx, cluster.id, 'shop', 'Deployment', 'cart')).toMatchObject({
      id,
      latestRevision: 5,
      clusterName: cluster.name,
    });
  });

  test('are found by id, what is no id is nobody, and are paged newest first', async () => {
    const cluster = await givenCluster(database);
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const content = { digest: 'sha256:same', content: '{}' };
      const { podSpec } = await inTransaction(database, (inner) =>
        savePodSpecRevision(inner, { ...pod, ...content, clusterId: cluster.id, name }),
      );
      ids.push(podSpec.id);
    }
    expect(await findPodSpecsByIds(tx, [...ids, 'x', uuidv7()])).toHaveLength(3);
    const names = await readAll(
      (page) => pagePodSpecs(tx, cluster.id, page),
      (podSpec) => podSpec.name,
    );
    expect(names).toEqual(['c', 'b', 'a']);
  });
});

describe('changes', () => {
  test('are paged newest first by cluster and policy, and to a list of clusters only theirs', async () => {
    const [cluster, other] = [await givenCluster(database), await givenCluster(database)];
    const { policy } = await givenPolicyVersion(database, 'changed');
    const record = (change: Partial<NewChange>) =>
      insertChange(tx, {
        actor: 'ann',
        action: 'POLICY_ASSIGNED',
        clusterId: null,
        policyId: null,
        details: { at: new Date(0), version: 3 },
        ...change,
      });
    await record({ clusterId: cluster.id, policyId: policy.id });
    await record({ policyId: policy.id, action: 'POLICY_VERSION_SAVED' });
    await record({ clusterId: other.id, action: 'CLUSTER_UPDATED' });
    await record({ action: 'TOKEN_CREATED' });
    const list = (filter: object) =>
      readAll(
        (page) => pageChanges(tx, { clusterId: null, policyId: null, clusterNames: null, ...filter }, page),
        (change) => change.action,
      );
    expect(await list({ clusterId: cluster.id })).toEqual(['POLICY_ASSIGNED']);
    expect(await list({ policyId: policy.id })).toEqual(['POLICY_VERSION_SAVED', 'POLICY_ASSIGNED']);
    expect(await list({ clusterNames: [other.name] })).toEqual(['CLUSTER_UPDATED']);
    expect(await list({})).toEqual([
      'TOKEN_CREATED',
      'CLUSTER_UPDATED',
      'POLICY_VERSION_SAVED',
      'POLICY_ASSIGNED',
    ]);
    const page = await pageChanges(
      tx,
      { clusterId: cluster.id, policyId: null, clusterNames: null },
      { first: 1, after: null },
    );
    expect(page.edges[0]?.node).toMatchObject({
      actor: 'ann',
      clusterName: cluster.name,
      policyName: 'changed',
      details: { at: '1970-01-01T00:00:00.000Z', version: 3 },
    });
  });
});

describe('tokens', () => {
  const token = (name: string) => ({
    id: uuidv7(),
    name,
    hash: Buffer.from(name),
    role: 'VIEWER' as const,
    clusters: ['one'],
    expiresAt: null,
    createdBy: 'admin',
  });

  test('are found by hash, noted when used, revoked once, and their name is free again then', async () => {
    const made = await insertToken(tx, token('ci'));
    expect(await createTokenLookup(database)(Buffer.from('ci'))).toEqual(made);
    expect(made).toMatchObject({ role: 'VIEWER', clusters: ['one'], lastUsedAt: null, revokedAt: null });
    await expect(insertToken(tx, { ...token('ci'), hash: Buffer.from('x') })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    const [later, earlier] = [new Date(2_000_000), new Date(1_000_000)];
    await touchTokens(tx, new Map([[made.id, later]]));
    await touchTokens(tx, new Map([[made.id, earlier]]));
    expect((await findToken(tx, made.id))?.lastUsedAt).toEqual(later);
    expect((await revokeToken(tx, made.id, later))?.revokedAt).toEqual(later);
    expect(await revokeToken(tx, made.id, earlier)).toBeNull();
    await insertToken(tx, { ...token('ci'), hash: Buffer.from('y') });
    expect(
      await readAll(
        (page) => pageTokens(tx, page),
        (each) => each.name,
        1,
      ),
    ).toEqual(['ci', 'ci']);
  });
});

test.each([
  ['garbage', '%%%'],
  ['another list', Buffer.from('["tokens","x"]').toString('base64url')],
  ['a key that is no id', Buffer.from('["clusters","x"]').toString('base64url')],
  ['a number for an id', Buffer.from('["clusters",5]').toString('base64url')],
])('a cursor of %s is INVALID_CURSOR', async (_, after) => {
  await expect(pageClusters(tx, { first: 1, after, names: null })).rejects.toMatchObject({
    code: 'INVALID_CURSOR',
  });
});
