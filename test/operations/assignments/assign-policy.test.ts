import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AssignmentTerms } from '../../../src/model/assignment.js';
import { assignPolicy } from '../../../src/operations/assignments/assign-policy.js';
import { checkTerms } from '../../../src/operations/assignments/check-terms.js';
import { getAssignmentsOfPolicies } from '../../../src/operations/assignments/get-assignments.js';
import { listClusterAssignments } from '../../../src/operations/assignments/list-assignments.js';
import { unassignPolicy } from '../../../src/operations/assignments/unassign-policy.js';
import { listChanges } from '../../../src/operations/changes/list-changes.js';
import { getPolicySet } from '../../../src/operations/clusters/get-policy-set.js';
import { saveCluster } from '../../../src/operations/clusters/save-cluster.js';
import type { OperationContext } from '../../../src/operations/context.js';
import { archivePolicy } from '../../../src/operations/policies/archive-policy.js';
import { getPolicy } from '../../../src/operations/policies/get-policy.js';
import { savePolicy } from '../../../src/operations/policies/save-policy.js';
import { testDatabase } from '../../support/database.js';
import { ADMIN, contextOf, policyYaml, testServices } from '../../support/operation-context.js';

let context: OperationContext;

beforeAll(async () => {
  context = contextOf(testServices(await testDatabase()));
  await saveCluster(context, { name: 'prod' });
  await saveCluster(context, { name: 'test' });
});

const EVERYBODY: AssignmentTerms = { pinnedVersion: null, subjects: null, namespaces: null };

const savePolicyNamed = (name: string, fields = '') =>
  savePolicy(context, { name, text: policyYaml(name, fields), format: 'yaml' });

const assign = (policy: string, terms: Partial<AssignmentTerms> = {}, cluster = 'prod') =>
  assignPolicy(context, { cluster, policy, ...EVERYBODY, ...terms });

const versionsInForce = async (cluster = 'prod', at?: Date) => {
  const { members } = await getPolicySet(context, { cluster, ...(at ? { at } : {}) });
  return members.map(({ policyName, version }) => `${policyName}@${version}`);
};

describe('assigning a policy', () => {
  it('warns of what is odd about the policy beside those that are assigned already', async () => {
    await saveCluster(context, { name: 'odd' });
    await savePolicyNamed('odd-a');
    await savePolicyNamed('odd-b', 'requiredDropCapabilities: [ALL]');
    expect((await assign('odd-b', {}, 'odd')).warnings).toMatchObject([{ code: 'MUTATES' }]);
    expect((await assign('odd-a', {}, 'odd')).warnings).toMatchObject([
      { code: 'SHADOWED', policies: ['odd-b', 'odd-a'] },
    ]);
  });

  it('brings the latest version into force, also those that come after', async () => {
    await savePolicyNamed('latest');
    expect(await assign('latest')).toMatchObject({ created: true, assignment: { createdBy: 'admin' } });
    expect(await versionsInForce()).toContain('latest@1');
    await savePolicyNamed('latest', 'hostPID: true');
    expect(await versionsInForce()).toContain('latest@2');
  });

  it('can hold a version fast', async () => {
    await savePolicyNamed('pinned');
    await savePolicyNamed('pinned', 'hostPID: true');
    await assign('pinned', { pinnedVersion: 1 });
    await savePolicyNamed('pinned', 'hostIPC: true');
    expect(await versionsInForce()).toContain('pinned@1');
    await expect(assign('pinned', { pinnedVersion: 4 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('replaces the terms, remembers the old ones and does nothing for the same again', async () => {
    await savePolicyNamed('terms');
    const first = await assign('terms', { namespaces: ['b', 'a', 'b'] });
    expect(first.assignment.namespaces).toEqual(['a', 'b']);
    const same = await assign('terms', { namespaces: ['a', 'b'] });
    expect(same).toMatchObject({ created: false, assignment: { id: first.assignment.id } });
    const other = await assign('terms', { subjects: [{ kind: 'Group', name: 'ops' }] });
    expect(other).toMatchObject({ created: false, assignment: { namespaces: null } });
    await unassignPolicy(context, { cluster: 'prod', policy: 'terms' });
    const { edges } = await listChanges(context, {
      policy: 'terms',
      cluster: 'prod',
      first: 10,
      after: null,
    });
    expect(edges.map(({ node }) => node.action)).toEqual([
      'POLICY_UNASSIGNED',
      'POLICY_REASSIGNED',
      'POLICY_ASSIGNED',
    ]);
  });

  it('is recorded as new where an end of the assignment comes in between', async () => {
    await saveCluster(context, { name: 'raced' });
    await savePolicyNamed('raced');
    await assign('raced', {}, 'raced');
    const blocker = await context.services.database.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query("SELECT FROM clusters WHERE name = 'raced' FOR NO KEY UPDATE");
    const ending = unassignPolicy(context, { cluster: 'raced', policy: 'raced' });
    await sleep(200);
    const assigning = assign('raced', { namespaces: ['a'] }, 'raced');
    await sleep(200);
    await blocker.query('COMMIT');
    blocker.release();
    await ending;
    expect(await assigning).toMatchObject({ created: true });
    const { edges } = await listChanges(context, {
      policy: 'raced',
      cluster: 'raced',
      first: 10,
      after: null,
    });
    expect(edges.map(({ node }) => [node.action, Object.keys(node.details)])).toEqual([
      ['POLICY_ASSIGNED', ['after']],
      ['POLICY_UNASSIGNED', ['before']],
      ['POLICY_ASSIGNED', ['after']],
    ]);
  });

  it('answers for the past what was in force then', async () => {
    await savePolicyNamed('past');
    await assign('past', {}, 'test');
    const { at } = await getPolicySet(context, { cluster: 'test' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await savePolicyNamed('past', 'hostPID: true');
    await unassignPolicy(context, { cluster: 'test', policy: 'past' });
    expect(await versionsInForce('test', at)).toEqual(['past@1']);
    expect(await versionsInForce('test')).toEqual([]);
    expect(await versionsInForce('test', new Date('2020-01-01'))).toEqual([]);
  });

  it('is refused for an archived policy, whose assignments stay in force', async () => {
    await savePolicyNamed('archived');
    await assign('archived');
    await archivePolicy(context, 'archived');
    expect(await versionsInForce()).toContain('archived@1');
    await expect(assign('archived', { namespaces: ['a'] })).rejects.toMatchObject({
      code: 'POLICY_ARCHIVED',
    });
  });

  it('does not know unknown policies and clusters', async () => {
    await savePolicyNamed('known');
    await expect(assign('unknown')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(assign('known', {}, 'unknown')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const nowhere = unassignPolicy(context, { cluster: 'prod', policy: 'known' });
    await expect(nowhere).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is allowed to an editor of the cluster only, who then sees the policy', async () => {
    await savePolicyNamed('scoped');
    const editor = contextOf(context.services, { ...ADMIN, role: 'EDITOR', clusters: ['test'] });
    await expect(getPolicy(editor, 'scoped')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const inProd = assignPolicy(editor, { cluster: 'prod', policy: 'scoped', ...EVERYBODY });
    await expect(inProd).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await assignPolicy(editor, { cluster: 'test', policy: 'scoped', ...EVERYBODY });
    await assign('scoped');
    const { policy } = await getPolicy(editor, 'scoped');
    expect(policy.name).toBe('scoped');
    const seen = (await getAssignmentsOfPolicies(editor, [policy.id])).get(policy.id);
    expect(seen?.map(({ clusterName }) => clusterName)).toEqual(['test']);
    await expect(listClusterAssignments(editor, 'prod')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('checkTerms', () => {
  const bad: readonly [string, Partial<AssignmentTerms>, string][] = [
    ['a subject without a name', { subjects: [{ kind: 'User', name: '' }] }, '/subjects/0/name'],
    [
      'a service account without a namespace',
      { subjects: [{ kind: 'ServiceAccount', name: 'a' }] },
      '/subjects/0/namespace',
    ],
    [
      'a group with a namespace',
      { subjects: [{ kind: 'Group', name: 'a', namespace: 'b' }] },
      '/subjects/0/namespace',
    ],
    ['a namespace that is none', { namespaces: ['ok', 'Not ok'] }, '/namespaces/1'],
  ];
  it.each(bad)('refuses %s', (_, terms, pointer) => {
    expect(() => checkTerms({ ...EVERYBODY, ...terms })).toThrow(
      expect.objectContaining({ code: 'INVALID', problems: [expect.objectContaining({ pointer })] }),
    );
  });

  it('takes empty lists for everybody and everywhere', () => {
    expect(checkTerms({ pinnedVersion: 2, subjects: [], namespaces: [] })).toEqual({
      pinnedVersion: 2,
      subjects: null,
      namespaces: null,
    });
  });

  it('drops duplicates and has one order', () => {
    const a = { kind: 'User', name: 'a' } as const;
    const b = { kind: 'Group', name: 'b' } as const;
    expect(checkTerms({ ...EVERYBODY, subjects: [a, b, { ...a }] })).toEqual(
      checkTerms({ ...EVERYBODY, subjects: [b, a] }),
    );
  });
});
