import { beforeAll, describe, expect, it } from 'vitest';
import { assignPolicy } from '../../../src/operations/assignments/assign-policy.js';
import { saveCluster } from '../../../src/operations/clusters/save-cluster.js';
import type { OperationContext } from '../../../src/operations/context.js';
import { evaluateManifests } from '../../../src/operations/evaluation/evaluate-manifests.js';
import { savePolicy } from '../../../src/operations/policies/save-policy.js';
import { testDatabase } from '../../support/database.js';
import { contextOf, podYaml, policyYaml, testServices } from '../../support/operation-context.js';

let context: OperationContext;

beforeAll(async () => {
  context = contextOf(testServices(await testDatabase()));
  await saveCluster(context, { name: 'prod', addServiceAccountVolume: true });
  const terms = { cluster: 'prod', pinnedVersion: null, subjects: null, namespaces: null };
  for (const [name, fields] of [
    ['no-volumes', 'volumes: []'],
    ['ports', 'hostPorts: [{ min: 80, max: 80 }]'],
    ['ours', ''],
  ] as const) {
    await savePolicy(context, { name, text: policyYaml(name, fields), format: 'yaml' });
    const subjects = name === 'ours' ? [{ kind: 'Group', name: 'ours' } as const] : null;
    await assignPolicy(context, { ...terms, policy: name, subjects });
  }
});

const evaluate = async (text: string) => {
  const request = { namespace: 'default', user: null, groups: [], serviceAccount: null, at: null };
  const { results } = await evaluateManifests(context, {
    ...request,
    cluster: 'prod',
    body: text,
    format: 'yaml',
    dryRun: true,
  });
  return results;
};

describe('the results of an evaluation', () => {
  it('tell of a denied pod how each policy that rejects it could admit it', async () => {
    const [result] = await evaluate(
      podYaml('web', 'hostPID: true', 'ports: [{ containerPort: 1, hostPort: 1 }]'),
    );
    expect(result?.fixes).toMatchObject([
      {
        policy: 'no-volumes',
        patch: [
          { op: 'remove', path: '/spec/hostPID' },
          { op: 'remove', path: '/spec/containers/0/ports/0/hostPort' },
          { op: 'add', path: '/spec/automountServiceAccountToken', value: false },
        ],
        choices: [],
        impossible: null,
      },
      {
        policy: 'ports',
        patch: [{ op: 'remove', path: '/spec/hostPID' }],
        choices: [{ pointer: '/spec/containers/0/ports/0/hostPort', allowed: ['80'] }],
      },
    ]);
  });

  it('tell nothing of an admitted pod, whoever else rejects it', async () => {
    const [result] = await evaluate(podYaml('web'));
    expect(result).toMatchObject({ allowed: true, fixes: [] });
  });
});
