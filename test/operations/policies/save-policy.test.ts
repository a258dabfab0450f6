import { beforeAll, describe, expect, it } from 'vitest';
import type { PodgateError } from '../../../src/model/errors.js';
import type { Principal, Role } from '../../../src/model/principal.js';
import { assignPolicy } from '../../../src/operations/assignments/assign-policy.js';
import { listChanges } from '../../../src/operations/changes/list-changes.js';
import { saveCluster } from '../../../src/operations/clusters/save-cluster.js';
import type { OperationContext } from '../../../src/operations/context.js';
import { archivePolicy, unarchivePolicy } from '../../../src/operations/policies/archive-policy.js';
import { getPolicy, getPolicyVersion } from '../../../src/operations/policies/get-policy.js';
import { listPolicyVersions } from '../../../src/operations/policies/list-policies.js';
import { restorePolicyVersion } from '../../../src/operations/policies/restore-policy-version.js';
import { savePolicy } from '../../../src/operations/policies/save-policy.js';
import { testDatabase } from '../../support/database.js';
import { ADMIN, contextOf, policyYaml, testServices } from '../../support/operation-context.js';

let context: OperationContext;
let as: (principal: Principal) => OperationContext;

beforeAll(async () => {
  const services = testServices(await testDatabase());
  context = contextOf(services);
  as = (principal) => contextOf(services, principal);
});

const save = (name: string, fields = '', more: object = {}) =>
  savePolicy(context, { name, text: policyYaml(name, fields), format: 'yaml', ...more });

const failure = (promise: Promise<unknown>): Promise<PodgateError> =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: PodgateError) => error,
  );

describe('saving a policy', () => {
  it('makes version 1, then a new version for each changed content, and nothing for the same content', async () => {
    const first = await save('history', '', { message: 'first' });
    expect(first).toMatchObject({
      outcome: 'CREATED',
      version: { number: 1, message: 'first', author: 'admin' },
    });
    const second = await save('history', 'hostNetwork: true');
    expect(second).toMatchObject({ outcome: 'UPDATED', version: { number: 2 } });
    const same = await save('history', 'hostNetwork: true', { message: 'again' });
    expect(same).toMatchObject({
      outcome: 'UNCHANGED',
      version: { number: 2, id: second.version.id, message: null },
    });
    const page = await listPolicyVersions(context, { policy: 'history', first: 10, after: null });
    expect(page.edges.map(({ node }) => node.number)).toEqual([2, 1]);
  });

  it('refuses a policy that is longer than any has to be', async () => {
    const text = `${policyYaml('long')}#${'x'.repeat(256 * 1024)}`;
    expect(await failure(savePolicy(context, { name: null, text, format: 'yaml' }))).toMatchObject({
      code: 'TOO_LARGE',
      message: 'The policy is too large: it may have 262144 characters',
    });
  });

  it('takes another spelling of the same content for the same', async () => {
    await save('spelling', 'hostIPC: true\nhostPID: true');
    const same = await savePolicy(context, {
      name: null,
      text: `# a comment\n${policyYaml('spelling', 'hostPID: yes\nhostIPC: true')}`,
      format: 'yaml',
    });
    expect(same.outcome).toBe('UNCHANGED');
  });

  it('keeps the text as it was submitted', async () => {
    await save('text');
    expect((await getPolicy(context, 'text')).latest.source).toBe(policyYaml('text'));
  });

  it('refuses a client that has not seen the latest version, and lets one of two editors win', async () => {
    await save('editors');
    const edits = [1, 2].map((port) =>
      save('editors', `hostPorts: [{ min: ${port}, max: ${port} }]`, { expectedVersion: 1 }).then(
        () => 'saved',
        (error: PodgateError) => error.code,
      ),
    );
    expect((await Promise.all(edits)).sort()).toEqual(['STALE_VERSION', 'saved']);
    expect((await getPolicy(context, 'editors')).policy.latestVersion).toBe(2);
  });

  it('refuses an expected version of a policy that does not exist', async () => {
    expect(await failure(save('nowhere', '', { expectedVersion: 1 }))).toMatchObject({
      code: 'STALE_VERSION',
      message: 'Policy nowhere does not exist yet, not at version 1',
    });
  });

  it('lets many create the same policy at once: one version a content', async () => {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => save('race')));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['CREATED', ...Array(7).fill('UNCHANGED')]);
  });

  it('names every problem with its place in the text', async () => {
    const text = policyYaml('wrong', 'hostPorts: [{ min: "80", max: 90 }]\nprivileged: maybe');
    const error = await failure(savePolicy(context, { name: 'wrong', text, format: 'yaml' }));
    expect(error.code).toBe('INVALID');
    expect(error.problems).toMatchObject([
      { pointer: '/spec/hostPorts/0/min', field: 'spec.hostPorts[0].min', line: 11 },
      { pointer: '/spec/privileged', field: 'spec.privileged', line: 12 },
    ]);
  });

  it('refuses what Kubernetes refuses, with its words', async () => {
    const text = policyYaml('other', 'allowedHostPaths: [{ pathPrefix: /a/../b }]');
    const error = await failure(savePolicy(context, { name: 'name', text, format: 'yaml' }));
    expect(error.problems).toMatchObject([
      { field: 'metadata.name', value: 'other', line: 4 },
      {
        type: 'Invalid',
        field: 'spec.allowedHostPaths[0]',
        value: '/a/../b',
        message: "must not contain '..'",
      },
    ]);
  });

  it.each([null, 'named'])('refuses a policy without a name where the request says %j', async (name) => {
    const text = policyYaml('""');
    expect(await failure(savePolicy(context, { name, text, format: 'yaml' }))).toMatchObject({
      code: 'INVALID',
      problems: [{ type: 'Required', field: 'metadata.name', line: 4 }],
    });
  });

  it('tells with line and column where a text can not be read', async () => {
    const error = await failure(savePolicy(context, { name: 'x', text: 'a: [1,\nb: }', format: 'yaml' }));
    expect(error).toMatchObject({ code: 'MALFORMED', problems: [{ line: 2 }] });
  });

  it('warns of a policy that can not be used, and of unknown fields', async () => {
    const { warnings } = await save('odd', 'runAsUser: { rule: MustRunAs }\nrunAsRoot: true');
    expect(warnings).toMatchObject([
      { code: 'UNKNOWN_FIELD', message: expect.stringContaining('runAsRoot') },
      { code: 'UNUSABLE', message: expect.stringContaining('MustRunAs requires at least one range') },
    ]);
  });

  it('warns of what it is beside others where its latest version is in force', async () => {
    for (const cluster of ['east', 'west', 'pinned']) await saveCluster(context, { name: cluster });
    await save('a-open');
    await save('b-strict', 'hostPID: true\nprivileged: false');
    await save('b-strict');
    const terms = { pinnedVersion: null, subjects: null, namespaces: null };
    for (const cluster of ['east', 'west', 'pinned']) {
      await assignPolicy(context, { cluster, policy: 'a-open', ...terms });
      const pinnedVersion = cluster === 'pinned' ? 1 : null;
      await assignPolicy(context, { cluster, policy: 'b-strict', ...terms, pinnedVersion });
    }
    const { warnings } = await save('b-strict', 'readOnlyRootFilesystem: true');
    expect(warnings).toMatchObject([
      { code: 'MUTATES', field: null, policies: ['b-strict'] },
      {
        code: 'SHADOWED',
        policies: ['b-strict', 'a-open'],
        message: expect.stringMatching(/^b-strict can never be chosen: a-open .* \(in east, west\)$/),
      },
    ]);
  });

  const roles: readonly [Role, readonly string[] | null, string][] = [
    ['EDITOR', null, 'saved'],
    ['EDITOR', ['a'], 'FORBIDDEN'],
    ['EVALUATOR', null, 'FORBIDDEN'],
    ['VIEWER', null, 'FORBIDDEN'],
  ];
  it.each(roles)('by %s of clusters %j: %s', async (role, clusters, expected) => {
    const principal = { ...ADMIN, role, clusters };
    const input = { name: 'roles', text: policyYaml('roles'), format: 'yaml' } as const;
    const outcome = await savePolicy(as(principal), input).then(
      () => 'saved',
      (error: PodgateError) => error.code,
    );
    expect(outcome).toBe(expected);
  });
});

describe('restoring a version', () => {
  it('makes a new version with the old content and says from which', async () => {
    await save('restored');
    await save('restored', 'hostNetwork: true');
    const { version } = await restorePolicyVersion(context, {
      policy: 'restored',
      version: 1,
      message: 'back',
    });
    expect(version).toMatchObject({ number: 3, restoredFrom: 1, message: 'back' });
    const original = await getPolicyVersion(context, { policy: 'restored', version: 1 });
    expect(version.digest).toBe(original.digest);
  });

  it.each([0, 2, -1, 1.5, 2 ** 31])('does not know version %d', async (version) => {
    await save('short');
    expect(await failure(restorePolicyVersion(context, { policy: 'short', version }))).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('archiving', () => {
  it('refuses new versions until the policy is taken out again', async () => {
    await save('archived');
    expect((await archivePolicy(context, 'archived')).archivedAt).toBeInstanceOf(Date);
    expect(await failure(save('archived', 'hostPID: true'))).toMatchObject({ code: 'POLICY_ARCHIVED' });
    expect((await unarchivePolicy(context, 'archived')).archivedAt).toBeNull();
    expect((await save('archived', 'hostPID: true')).outcome).toBe('UPDATED');
  });
});

describe('the record of changes', () => {
  it('tells who did what, newest first', async () => {
    await save('recorded', '', { message: 'why' });
    await save('recorded', 'hostPID: true');
    await restorePolicyVersion(context, { policy: 'recorded', version: 1 });
    await archivePolicy(context, 'recorded');
    const page = await listChanges(context, { policy: 'recorded', first: 10, after: null });
    expect(page.edges.map(({ node }) => [node.action, node.actor, node.policyName])).toEqual([
      ['POLICY_ARCHIVED', 'admin', 'recorded'],
      ['POLICY_VERSION_RESTORED', 'admin', 'recorded'],
      ['POLICY_VERSION_SAVED', 'admin', 'recorded'],
      ['POLICY_CREATED', 'admin', 'recorded'],
    ]);
    expect(page.edges.at(-1)?.node.details).toMatchObject({ version: 1, message: 'why' });
  });
});
