import { beforeAll, describe, expect, it } from 'vitest';
import { assignPolicy } from '../../../src/operations/assignments/assign-policy.js';
import { getPolicySet } from '../../../src/operations/clusters/get-policy-set.js';
import { getPolicySets } from '../../../src/operations/clusters/get-policy-sets.js';
import { saveCluster } from '../../../src/operations/clusters/save-cluster.js';
import type { OperationContext } from '../../../src/operations/context.js';
import { evaluateManifests } from '../../../src/operations/evaluation/evaluate-manifests.js';
import { savePolicy } from '../../../src/operations/policies/save-policy.js';
import { testDatabase } from '../../support/database.js';
import { contextOf, podYaml, policyYaml, testServices } from '../../support/operation-context.js';

let context: OperationContext;

beforeAll(async () => {
  context = contextOf(testServices(await testDatabase()));
  await savePolicy(context, { name: 'p', text: policyYaml('p'), format: 'yaml' });
});

/** The same on a server whose clock is so many milliseconds ahead of the database's. */
const ahead = (skew: number): OperationContext =>
  contextOf({ ...context.services, now: () => new Date(Date.now() + skew) });

const assign = (cluster: string) =>
  assignPolicy(context, { cluster, policy: 'p', pinnedVersion: null, subjects: null, namespaces: null });

/** How many policies were in force, told by each operation that can be asked of a moment. */
const asking = {
  'the policy set': async (as: OperationContext, cluster: string, at: Date) =>
    (await getPolicySet(as, { cluster, at })).members.length,
  'an evaluation': async (as: OperationContext, cluster: string, at: Date) => {
    const body = podYaml('web');
    const requester = { namespace: 'default', user: null, groups: [], serviceAccount: null };
    const input = { cluster, body, format: 'yaml' as const, at, dryRun: false, ...requester };
    return (await evaluateManifests(as, input)).results[0]?.candidates.length;
  },
};

describe.each(Object.entries(asking))('%s of a moment', (name, ask) => {
  it.each([
    ['ahead of', 60_000],
    ['behind', -60_000],
    ['the same as', 0],
  ])('is refused before it was, on a server whose clock is %s the database’s', async (_, skew) => {
    const cluster = `future-${skew}-${name.replaceAll(' ', '-')}`;
    await saveCluster(context, { name: cluster });
    const at = new Date(Date.now() + 30_000);
    await expect(ask(ahead(skew), cluster, at)).rejects.toMatchObject({
      code: 'INVALID',
      message: 'at must not be in the future',
      problems: [{ pointer: 'at', field: 'at', value: at.toISOString() }],
    });
  });

  it('is told once it was, also where a server’s clock is behind', async () => {
    const cluster = `past-${name.replaceAll(' ', '-')}`;
    await saveCluster(context, { name: cluster });
    const at = new Date();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await assign(cluster);
    for (const skew of [60_000, -60_000]) expect(await ask(ahead(skew), cluster, at)).toBe(0);
    expect(await ask(ahead(-60_000), cluster, new Date())).toBe(1);
  });
});

describe('the policy set of now', () => {
  it.each([60_000, -60_000])('says of which moment it is where a clock is %d ms off', async (skew) => {
    const name = `now-${skew}`;
    await saveCluster(context, { name });
    await assign(name);
    const as = ahead(skew);
    const one = await getPolicySet(as, { cluster: name });
    const same = (await getPolicySets(as, [one.cluster])).get(one.cluster.id);
    for (const set of [one, same]) {
      const at = set?.at ?? expect.fail('the cluster has a set');
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await getPolicySet(as, { cluster: name, at })).toEqual(set);
    }
  });
});
