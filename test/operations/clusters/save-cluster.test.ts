import { beforeAll, describe, expect, it } from 'vitest';
import { getCluster } from '../../../src/operations/clusters/get-cluster.js';
import { listClusters } from '../../../src/operations/clusters/list-clusters.js';
import { saveCluster } from '../../../src/operations/clusters/save-cluster.js';
import type { OperationContext } from '../../../src/operations/context.js';
import { testDatabase } from '../../support/database.js';
import { ADMIN, contextOf, testServices } from '../../support/operation-context.js';

let context: OperationContext;

beforeAll(async () => {
  context = contextOf(testServices(await testDatabase()));
});

describe('a cluster', () => {
  it('is created once and then updated, keeping what is not said', async () => {
    const created = await saveCluster(context, { name: 'prod', displayName: 'Production' });
    expect(created).toMatchObject({ created: true, cluster: { addServiceAccountVolume: false } });
    const updated = await saveCluster(context, { name: 'prod', kubernetesVersion: '1.24' });
    expect(updated).toMatchObject({
      created: false,
      cluster: { displayName: 'Production', kubernetesVersion: '1.24' },
    });
    expect((await saveCluster(context, { name: 'prod', displayName: null })).cluster.displayName).toBeNull();
    expect((await getCluster(context, 'prod')).kubernetesVersion).toBe('1.24');
  });

  it('moves its generation only with what changes decisions', async () => {
    const before = (await saveCluster(context, { name: 'generation' })).cluster;
    const same = (await saveCluster(context, { name: 'generation' })).cluster;
    expect(same.generation).toBe(before.generation);
    const changed = (await saveCluster(context, { name: 'generation', addServiceAccountVolume: true }))
      .cluster;
    expect(changed.generation).toBeGreaterThan(before.generation);
  });

  it('can be created by many at once', async () => {
    const saved = await Promise.all(Array.from({ length: 8 }, () => saveCluster(context, { name: 'race' })));
    expect(saved.filter(({ created }) => created)).toHaveLength(1);
  });

  it('loses nothing of two changes at once', async () => {
    await saveCluster(context, { name: 'both' });
    for (let round = 0; round < 10; round += 1) {
      const displayName = `round ${round}`;
      const mode = round % 2 === 0 ? 'WARN' : 'ENFORCE';
      await Promise.all([
        saveCluster(context, { name: 'both', displayName }),
        saveCluster(context, { name: 'both', mode }),
      ]);
      expect(await getCluster(context, 'both')).toMatchObject({ displayName, mode });
    }
  });

  it.each(['', 'Prod', 'a_b', '-a', 'a..b', 'x'.repeat(254)])('can not be called %j', async (name) => {
    await expect(saveCluster(context, { name })).rejects.toMatchObject({
      code: 'INVALID',
      problems: [{ pointer: 'name' }],
    });
  });

  it('has no control characters in what people read', async () => {
    const bad = saveCluster(context, { name: 'a', displayName: 'a\u001b[2J', kubernetesVersion: '1\n2' });
    await expect(bad).rejects.toMatchObject({
      problems: [{ pointer: '/displayName' }, { pointer: '/kubernetesVersion' }],
    });
  });

  it('exists only for tokens that may see it', async () => {
    await saveCluster(context, { name: 'seen' });
    await saveCluster(context, { name: 'unseen' });
    const viewer = contextOf(context.services, { ...ADMIN, role: 'VIEWER', clusters: ['seen'] });
    const { edges } = await listClusters(viewer, { first: 10, after: null });
    expect(edges.map(({ node }) => node.name)).toEqual(['seen']);
    await expect(getCluster(viewer, 'unseen')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(saveCluster(viewer, { name: 'seen' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(saveCluster(viewer, { name: 'unseen' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
