import { beforeAll, describe, expect, it } from 'vitest';
import type { PodgateError } from '../../../src/model/errors.js';
import type { Database } from '../../../src/storage/database.js';
import { assignPolicy } from '../../../src/operations/assignments/assign-policy.js';
import { unassignPolicy } from '../../../src/operations/assignments/unassign-policy.js';
import { getPolicySet } from '../../../src/operations/clusters/get-policy-set.js';
import { saveCluster } from '../../../src/operations/clusters/save-cluster.js';
import type { OperationContext } from '../../../src/operations/context.js';
import { getDecision } from '../../../src/operations/decisions/get-decision.js';
import { listDecisions } from '../../../src/operations/decisions/list-decisions.js';
import {
  evaluateManifests,
  type EvaluateManifestsInput,
} from '../../../src/operations/evaluation/evaluate-manifests.js';
import { savePolicy } from '../../../src/operations/policies/save-policy.js';
import { testDatabase } from '../../support/database.js';
import { ADMIN, contextOf, podYaml, policyYaml, testServices } from '../../support/operation-context.js';

let database: Database;
let context: OperationContext;

beforeAll(async () => {
  database = await testDatabase();
  context = contextOf(testServices(database));
  for (const [name, fields] of [
    ['open', 'hostNetwork: true\nhostPorts: [{ min: 1, max: 65535 }]'],
    ['read-only', 'readOnlyRootFilesystem: true'],
  ] as const) {
    await savePolicy(context, { name, text: policyYaml(name, fields), format: 'yaml' });
  }
});

const EVERYBODY = { pinnedVersion: null, subjects: null, namespaces: null };

async function clusterWith(name: string, ...policies: readonly string[]): Promise<void> {
  await saveCluster(context, { name });
  for (const policy of policies) await assignPolicy(context, { cluster: name, policy, ...EVERYBODY });
}

function evaluate(cluster: string, body: string, more: Partial<EvaluateManifestsInput> = {}, as = context) {
  return evaluateManifests(as, {
    cluster,
    body,
    format: 'yaml',
    namespace: 'default',
    user: null,
    groups: [],
    serviceAccount: null,
    at: null,
    dryRun: false,
    ...more,
  });
}

const decisionsOf = (cluster: string) =>
  listDecisions(context, { cluster, filter: {}, order: 'newest', first: 100, after: null });

describe('an evaluation', () => {
  it('records a decision for each pod and says why', async () => {
    await clusterWith('records', 'read-only');
    const body = `${podYaml('good')}---\nkind: ConfigMap\napiVersion: v1\n---\n${podYaml('bad', 'hostNetwork: true')}`;
    const report = await evaluate('records', body);
    expect(report).toMatchObject({
      allowed: false,
      summary: { documents: 3, evaluated: 2, admitted: 1, denied: 1, skipped: 1 },
      results: [
        {
          object: { document: 0, kind: 'Pod', name: 'good', namespace: 'default', podPath: '' },
          allowed: true,
          policy: { name: 'read-only', version: 1 },
          patch: [{ op: 'add', path: '/spec/containers/0/securityContext' }],
        },
        {
          object: { document: 2, name: 'bad' },
          allowed: false,
          code: 'NO_POLICY_SATISFIED',
          policy: null,
          patch: [],
        },
      ],
    });
    const [good, bad] = report.results;
    const decision = await getDecision(context, bad?.decisionId ?? '');
    expect(decision).toMatchObject({
      clusterName: 'records',
      sequence: 2n,
      source: 'REST',
      actor: 'admin',
      allowed: false,
      code: 'NO_POLICY_SATISFIED',
      policyName: null,
      policySetDigest: report.policySetDigest,
      object: { kind: 'Pod', name: 'bad' },
      requester: { user: null, serviceAccount: 'default', namespace: 'default' },
    });
    expect(decision.candidates).toEqual(bad?.candidates);
    expect((await getDecision(context, good?.decisionId ?? '')).patch).toEqual(good?.patch);
  });

  it('keeps secrets out of what it stores', async () => {
    await clusterWith('masks', 'open');
    await evaluate('masks', podYaml('secretive', '', 'env: [{ name: PASSWORD, value: hunter2 }]'));
    const { rows } = await database.pool.query("SELECT 1 FROM pod_contents WHERE content LIKE '%hunter2%'");
    expect(rows).toEqual([]);
  });

  it('records nothing in a dry run, and nothing when a document is not valid', async () => {
    await clusterWith('dry', 'open');
    await expect(evaluate('dry', podYaml('pod'), { dryRun: true })).resolves.toMatchObject({
      results: [{ decisionId: null, allowed: true }],
    });
    const body = `${podYaml('good')}---\n${podYaml('bad', '', 'securityContext: { runAsUser: "1000" }')}`;
    await expect(evaluate('dry', body)).rejects.toMatchObject({
      code: 'INVALID',
      problems: [{ pointer: '/spec/containers/0/securityContext/runAsUser', line: 18 }],
    });
    expect((await decisionsOf('dry')).edges).toEqual([]);
  });

  it('points into the array where the request is one', async () => {
    await clusterWith('array');
    const pod = { apiVersion: 'v1', kind: 'Pod', spec: { hostPID: 1, containers: [{ name: 'a' }] } };
    const list = { apiVersion: 'v1', kind: 'List', items: [pod] };
    const pointersOf = (body: unknown) =>
      evaluate('array', JSON.stringify(body), { format: 'json' }).catch((error: PodgateError) =>
        error.problems.map(({ pointer }) => pointer),
      );
    expect(await pointersOf([pod, list])).toEqual(['/0/spec/hostPID', '/1/items/0/spec/hostPID']);
    expect(await pointersOf(list)).toEqual(['/items/0/spec/hostPID']);
  });

  const refused: readonly [string, string, string][] = [
    ['a text without any object', '# nothing\n', 'INVALID'],
    ['a text that is no YAML', 'a: [', 'MALFORMED'],
    ['a pod without containers', 'apiVersion: v1\nkind: Pod\nspec: {}', 'INVALID'],
    ['an object without a kind', 'apiVersion: v1\nspec: {}', 'INVALID'],
  ];
  it.each(refused)('refuses %s', async (_, body, code) => {
    await clusterWith('refuses');
    await expect(evaluate('refuses', body)).rejects.toMatchObject({ code });
  });

  it('allows a request that holds no pod', async () => {
    await clusterWith('skips');
    await expect(evaluate('skips', 'apiVersion: v1\nkind: ConfigMap\n')).resolves.toMatchObject({
      allowed: true,
      summary: { documents: 1, evaluated: 0, skipped: 1 },
      results: [],
    });
  });

  it('tells the three reasons for "no" apart', async () => {
    await clusterWith('codes');
    const codeOf = async (body: string, more = {}) => (await evaluate('codes', body, more)).results[0]?.code;
    expect(await codeOf(podYaml('a'))).toBe('NO_POLICY_ASSIGNED');
    const subjects = [{ kind: 'Group' as const, name: 'ops' }];
    await assignPolicy(context, { cluster: 'codes', policy: 'read-only', ...EVERYBODY, subjects });
    expect(await codeOf(podYaml('b'), { user: 'alice', groups: ['dev'] })).toBe('NO_POLICY_USABLE');
    expect(await codeOf(podYaml('c'), { user: 'bob', groups: ['ops'] })).toBe('ADMITTED');
    expect(await codeOf(podYaml('d', 'hostPID: true'), { user: 'bob', groups: ['ops'] })).toBe(
      'NO_POLICY_SATISFIED',
    );
  });

  it('is never made with policies that are no longer in force, however old the cached ones are', async () => {
    await clusterWith('stale', 'open');
    const other = contextOf(testServices(database)); // a second server process with a cache of its own
    expect((await evaluate('stale', podYaml('pod'), {}, other)).allowed).toBe(true);
    await unassignPolicy(context, { cluster: 'stale', policy: 'open' });
    const after = await evaluate('stale', podYaml('pod'), {}, other);
    expect(after.results).toMatchObject([{ allowed: false, code: 'NO_POLICY_ASSIGNED' }]);
    const dry = await evaluate('stale', podYaml('pod'), { dryRun: true }, contextOf(testServices(database)));
    expect(dry.allowed).toBe(false);
    expect((await decisionsOf('stale')).edges.map(({ node }) => node.allowed)).toEqual([false, true]);
  });

  it('gives up with UNAVAILABLE when the policies never hold still, and has recorded nothing', async () => {
    await clusterWith('restless', 'open');
    const append = () => Promise.resolve({ recorded: false, reason: 'GENERATION_MOVED' } as const);
    const restless = contextOf(testServices(database, { decisionLog: { append } }));
    await expect(evaluate('restless', podYaml('pod'), {}, restless)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryAfterSeconds: 1,
    });
  });

  it('can ask what the policies of an earlier moment say', async () => {
    await clusterWith('earlier', 'open');
    const { at } = await getPolicySet(context, { cluster: 'earlier' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await unassignPolicy(context, { cluster: 'earlier', policy: 'open' });
    expect((await evaluate('earlier', podYaml('pod'), { at })).results).toMatchObject([
      { allowed: true, decisionId: null },
    ]);
    expect((await evaluate('earlier', podYaml('pod'))).allowed).toBe(false);
    const future = new Date(Date.now() + 60_000);
    await expect(evaluate('earlier', podYaml('pod'), { at: future })).rejects.toMatchObject({
      code: 'INVALID',
    });
  });

  it('adds the token volume where the cluster says so', async () => {
    const text = policyYaml('no-volumes', 'volumes: [emptyDir]');
    await savePolicy(context, { name: 'no-volumes', text, format: 'yaml' });
    await clusterWith('volumes', 'no-volumes');
    expect((await evaluate('volumes', podYaml('pod'))).allowed).toBe(true);
    await saveCluster(context, { name: 'volumes', addServiceAccountVolume: true });
    const report = await evaluate('volumes', podYaml('pod'));
    expect(report.results[0]?.candidates[0]?.violations).toMatchObject([
      { control: 'volumes', value: 'projected' },
    ]);
  });

  it('hides clusters from a token that is limited to others, and evaluation from a viewer', async () => {
    await clusterWith('hidden', 'open');
    const limited = contextOf(context.services, { ...ADMIN, role: 'EVALUATOR', clusters: ['other'] });
    const viewer = contextOf(context.services, { ...ADMIN, role: 'VIEWER' });
    const codeOf = (as: OperationContext) =>
      evaluate('hidden', podYaml('pod'), {}, as).catch((error: PodgateError) => error.code);
    expect(await codeOf(limited)).toBe('NOT_FOUND');
    expect(await codeOf(viewer)).toBe('FORBIDDEN');
  });
});

describe('the decisions of an evaluator', () => {
  it('are its own only', async () => {
    await clusterWith('own', 'open');
    const ci = contextOf(context.services, {
      actor: 'token:ci',
      tokenId: null,
      role: 'EVALUATOR',
      clusters: null,
    });
    const mine = await evaluate('own', podYaml('mine'), {}, ci);
    const foreign = await evaluate('own', podYaml('foreign'));
    const page = await listDecisions(ci, {
      cluster: 'own',
      filter: {},
      order: 'newest',
      first: 10,
      after: null,
    });
    expect(page.edges.map(({ node }) => node.object.name)).toEqual(['mine']);
    await expect(getDecision(ci, mine.results[0]?.decisionId ?? '')).resolves.toBeDefined();
    await expect(getDecision(ci, foreign.results[0]?.decisionId ?? '')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
