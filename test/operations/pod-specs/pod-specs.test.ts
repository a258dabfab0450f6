import { beforeAll, describe, expect, it } from 'vitest';
import { assignPolicy } from '../../../src/operations/assignments/assign-policy.js';
import { saveCluster } from '../../../src/operations/clusters/save-cluster.js';
import type { OperationContext } from '../../../src/operations/context.js';
import { evaluatePodSpecs } from '../../../src/operations/evaluation/evaluate-pod-specs.js';
import {
  getPodSpec,
  listPodSpecRevisions,
  listPodSpecs,
} from '../../../src/operations/pod-specs/read-pod-specs.js';
import { savePodSpec } from '../../../src/operations/pod-specs/save-pod-spec.js';
import { savePolicy } from '../../../src/operations/policies/save-policy.js';
import { testDatabase } from '../../support/database.js';
import { contextOf, podYaml, policyYaml, testServices } from '../../support/operation-context.js';

let context: OperationContext;

beforeAll(async () => {
  context = contextOf(testServices(await testDatabase()));
  await saveCluster(context, { name: 'prod' });
  await saveCluster(context, { name: 'other' });
});

const save = (text: string, more: object = {}) =>
  savePodSpec(context, {
    cluster: 'prod',
    text,
    format: 'yaml',
    namespace: 'default',
    expected: null,
    ...more,
  });

describe('stored workloads', () => {
  it('have a revision for each changed content', async () => {
    expect(await save(podYaml('web'))).toMatchObject({ outcome: 'CREATED', revision: { number: 1 } });
    expect(await save(podYaml('web', 'hostPID: true'))).toMatchObject({
      outcome: 'UPDATED',
      revision: { number: 2 },
    });
    expect(await save(podYaml('web', 'hostPID: true'))).toMatchObject({
      outcome: 'UNCHANGED',
      revision: { number: 2 },
    });
    const path = { cluster: 'prod', namespace: 'default', kind: 'Pod', name: 'web' };
    expect(await getPodSpec(context, path)).toMatchObject({
      podSpec: { latestRevision: 2 },
      latest: { number: 2 },
    });
    const page = await listPodSpecRevisions(context, { ...path, first: 10, after: null });
    expect(page.edges.map(({ node }) => node.number)).toEqual([2, 1]);
  });

  it('do not keep what may be secret', async () => {
    const { revision } = await save(podYaml('secretive', '', 'env: [{ name: KEY, value: hunter2 }]'));
    expect(revision.content).toContain('"name":"KEY"');
    expect(revision.content).not.toContain('hunter2');
  });

  const refused: readonly [string, string, object, object][] = [
    ['two objects', `${podYaml('a')}---\n${podYaml('b')}`, {}, { code: 'INVALID' }],
    [
      'an object without a pod',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }',
      {},
      { code: 'INVALID' },
    ],
    [
      'another name than the request says',
      podYaml('a'),
      { expected: { namespace: 'default', kind: 'Pod', name: 'b' } },
      { code: 'INVALID', problems: [{ pointer: '/metadata/name', value: 'a' }] },
    ],
    [
      'another name than the request says, in a list',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'a' }] } },
        ],
      }),
      { expected: { namespace: 'default', kind: 'Pod', name: 'b' } },
      { code: 'INVALID', problems: [{ pointer: '/items/0/metadata/name', field: 'metadata.name' }] },
    ],
    [
      'a name that is too long',
      podYaml('a'.repeat(254)),
      {},
      { code: 'INVALID', problems: [{ message: 'name must have at most 253 characters' }] },
    ],
    [
      'a namespace that is too long',
      podYaml('a'),
      { namespace: 'n'.repeat(64) },
      { code: 'INVALID', problems: [{ message: 'namespace must have at most 63 characters' }] },
    ],
    [
      'no name',
      podYaml('a').replace('name: a', 'labels: {}'),
      {},
      { code: 'INVALID', problems: [{ message: 'name is needed', pointer: '/metadata/name' }] },
    ],
    ['an unknown cluster', podYaml('a'), { cluster: 'unknown' }, { code: 'NOT_FOUND' }],
  ];
  it.each(refused)('are refused with %s', async (_, text, more, expected) => {
    await expect(save(text, more)).rejects.toMatchObject(expected);
  });

  it('are evaluated by their ids, each recorded', async () => {
    await savePolicy(context, { name: 'open', text: policyYaml('open'), format: 'yaml' });
    await assignPolicy(context, {
      cluster: 'prod',
      policy: 'open',
      pinnedVersion: null,
      subjects: null,
      namespaces: null,
    });
    const good = await save(podYaml('good'), { namespace: 'team-a' });
    const bad = await save(podYaml('bad', 'hostNetwork: true'));
    const input = { cluster: 'prod', user: null, groups: [], serviceAccount: null };
    const podSpecs = [bad.podSpec.id, good.podSpec.id];
    const report = await evaluatePodSpecs(context, { ...input, podSpecs });
    expect(report.results).toMatchObject([
      { allowed: false, object: { document: 0, name: 'bad', namespace: 'default' } },
      { allowed: true, object: { document: 1, name: 'good', namespace: 'team-a' } },
    ]);
    expect(report.results.every(({ decisionId }) => decisionId !== null)).toBe(true);
    const elsewhere = evaluatePodSpecs(context, { ...input, cluster: 'other', podSpecs });
    await expect(elsewhere).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(evaluatePodSpecs(context, { ...input, podSpecs: [] })).rejects.toMatchObject({
      code: 'INVALID',
    });
    await expect(evaluatePodSpecs(context, { ...input, podSpecs: ['x'] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('are listed newest first', async () => {
    await save(podYaml('last'));
    const { edges } = await listPodSpecs(context, { cluster: 'prod', first: 1, after: null });
    expect(edges.map(({ node }) => node.name)).toEqual(['last']);
  });
});
