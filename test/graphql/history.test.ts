import { beforeAll, describe, expect, test } from 'vitest';
import { podYaml, policyYaml } from '../support/operation-context.js';
import { type Answer, at, type GraphqlApp, graphqlApp } from './app.js';

let run: GraphqlApp['run'];
let pool: GraphqlApp['services']['database']['pool'];
/** Cursors of lists that aren't those of the table's queries. */
const cursors: Record<string, unknown> = {};

beforeAll(async () => {
  const graphql = await graphqlApp();
  run = graphql.run;
  pool = graphql.services.database.pool;
  await run('mutation { saveCluster(input: { name: "prod" }) { created } }');
  await run('mutation { saveCluster(input: { name: "test" }) { created } }');
});

const save = (name: string, fields: string) =>
  run(
    'mutation ($input: SavePolicyInput!) { savePolicy(input: $input) { version { number } warnings { code policies } userErrors { code } } }',
    { input: { manifest: policyYaml(name, fields), message: fields } },
  );
const codes = (answer: Answer) => answer.errors?.map((error) => error.extensions['code']);

test('a policy is made, changed four times, browsed, compared, restored, and asked for as it was', async () => {
  const contents = ['', 'hostPID: true', 'hostIPC: true', 'hostPID: true\nhostIPC: true', 'privileged: true'];
  for (const fields of contents) await save('tour', fields);
  await run('mutation { assignPolicy(input: { cluster: "prod", policy: "tour" }) { created } }');
  const before = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));

  const history = await run(
    '{ policy(name: "tour") { versions(first: 10) { nodes { number message author restoredFrom } } version(number: 4) { diff(from: 2) { from to verdict changes { field effect } } } } }',
  );
  expect(at(history, 'policy', 'versions', 'nodes')).toStrictEqual(
    contents
      .map((message, index) => ({ number: index + 1, message, author: 'admin', restoredFrom: null }))
      .toReversed(),
  );
  expect(at(history, 'policy', 'version', 'diff')).toStrictEqual({
    from: 2,
    to: 4,
    verdict: 'LOOSENED',
    changes: [{ field: 'spec.hostIPC', effect: 'LOOSENS' }],
  });

  const restored = await run(
    'mutation { restorePolicyVersion(input: { policy: "tour", version: 2, message: "back" }) { version { number restoredFrom digest } userErrors { code } } }',
  );
  expect(at(restored, 'restorePolicyVersion')).toMatchObject({
    version: { number: 6, restoredFrom: 2 },
    userErrors: [],
  });
  const inForce = await run(
    `query ($at: DateTime!, $pod: String!) {
      cluster(name: "prod") { earlier: policySet(at: $at) { policies { version } } now: policySet { policies { version } } }
      earlier: evaluate(input: { cluster: "prod", at: $at, manifests: $pod }) { allowed results { policyVersion { number } } }
      now: evaluate(input: { cluster: "prod", manifests: $pod }) { allowed results { code } } }`,
    { at: before, pod: podYaml('root', '', 'securityContext: { privileged: true }') },
  );
  expect(inForce.data).toStrictEqual({
    cluster: { earlier: { policies: [{ version: 5 }] }, now: { policies: [{ version: 6 }] } },
    earlier: { allowed: true, results: [{ policyVersion: { number: 5 } }] },
    now: { allowed: false, results: [{ code: 'NO_POLICY_SATISFIED' }] },
  });
  const changes = await run('{ changes(policy: "tour", first: 10) { nodes { action } } }');
  expect((at(changes, 'changes', 'nodes') as { action: string }[]).map(({ action }) => action)).toStrictEqual(
    [
      'POLICY_VERSION_RESTORED',
      'POLICY_ASSIGNED',
      ...Array.from({ length: 4 }, () => 'POLICY_VERSION_SAVED'),
      'POLICY_CREATED',
    ],
  );
});

test('what is odd about a policy is told when it is saved and when it is assigned', async () => {
  await save('lint-open', 'privileged: true');
  await run('mutation { assignPolicy(input: { cluster: "test", policy: "lint-open" }) { created } }');
  await save('lint-z', 'hostPorts: [{ min: 1, max: 10 }, { min: 5, max: 20 }]');
  const assigned = await run(
    'mutation { assignPolicy(input: { cluster: "test", policy: "lint-z" }) { created warnings { code message field policies } userErrors { code } } }',
  );
  const warningsOf = (answer: Answer, mutation: string) =>
    (at(answer, mutation, 'warnings') as { code: string; policies: string[] }[]).map(
      ({ code, policies }) => `${code} ${policies.join()}`,
    );
  expect(warningsOf(assigned, 'assignPolicy')).toContain('OVERLAPPING_RANGES lint-z');
  const saved = await save('lint-z', 'hostPorts: [{ min: 1, max: 10 }, { min: 2, max: 20 }]');
  expect(warningsOf(saved, 'savePolicy')).toContain('OVERLAPPING_RANGES lint-z');
});

describe('bad input gets a typed answer, and nothing is written', () => {
  beforeAll(async () => {
    for (const name of ['bad', 'other', 'archived']) {
      for (const fields of ['', 'hostPID: true']) await save(name, fields);
      await run(`mutation { assignPolicy(input: { cluster: "prod", policy: "${name}" }) { created } }`);
    }
    await run('mutation { archivePolicy(input: { policy: "archived" }) { userErrors { code } } }');
    for (const name of ['one', 'two']) {
      const variables = { manifest: podYaml(name) };
      await run(
        'mutation ($manifest: String!) { savePodSpec(input: { cluster: "prod", manifest: $manifest }) { outcome } evaluatePods(input: { cluster: "prod", manifests: $manifest }) { userErrors { code } } }',
        variables,
      );
    }
    const lists = await run(
      `{ policy(name: "other") { versions(first: 1) { pageInfo { endCursor } } }
        cluster(name: "prod") { decisions(first: 1) { pageInfo { endCursor } } podSpecs(first: 1) { pageInfo { endCursor } } }
        changes(policy: "other", first: 1) { pageInfo { endCursor } } }`,
    );
    cursors['versions'] = at(lists, 'policy', 'versions', 'pageInfo', 'endCursor');
    for (const list of ['decisions', 'podSpecs']) {
      cursors[list] = at(lists, 'cluster', list, 'pageInfo', 'endCursor');
    }
    cursors['changes'] = at(lists, 'changes', 'pageInfo', 'endCursor');
  });

  /** Every row that a mutation of policies, assignments, workloads or decisions could make or change. */
  async function everything(): Promise<unknown> {
    const tables = [
      'clusters',
      'policies',
      'policy_versions',
      'assignments',
      'pod_specs',
      'pod_spec_revisions',
      'decisions',
      'changes',
    ];
    const all = tables.map(
      (name) => `SELECT '${name}' AS name, md5(string_agg(t::text, '' ORDER BY t.id)) AS rows FROM ${name} t`,
    );
    return (await pool.query(all.join(' UNION ALL '))).rows;
  }

  test.each([
    ['an unknown version', 'restorePolicyVersion', '{ policy: "bad", version: 99 }', 'NOT_FOUND'],
    ['version 0', 'restorePolicyVersion', '{ policy: "bad", version: 0 }', 'NOT_FOUND'],
    [
      'an unknown pinned version',
      'assignPolicy',
      '{ cluster: "prod", policy: "bad", pinnedVersion: 99 }',
      'NOT_FOUND',
    ],
    ['a stale version', 'savePolicy', '{ manifest: $manifest, expectedVersion: 1 }', 'STALE_VERSION'],
    [
      'a policy that should be new',
      'savePolicy',
      '{ manifest: $manifest, expectedVersion: 0 }',
      'STALE_VERSION',
    ],
    [
      'a stale version',
      'restorePolicyVersion',
      '{ policy: "bad", version: 1, expectedVersion: 1 }',
      'STALE_VERSION',
    ],
    ['an archived policy', 'savePolicy', '{ manifest: $archived }', 'POLICY_ARCHIVED'],
    ['an archived policy', 'restorePolicyVersion', '{ policy: "archived", version: 1 }', 'POLICY_ARCHIVED'],
    ['an archived policy', 'assignPolicy', '{ cluster: "test", policy: "archived" }', 'POLICY_ARCHIVED'],
    [
      'an archived policy',
      'assignPolicy',
      '{ cluster: "prod", policy: "archived", pinnedVersion: 1 }',
      'POLICY_ARCHIVED',
    ],
    [
      'an unknown workload',
      'evaluatePods',
      '{ cluster: "prod", podSpecs: ["01890000-0000-7000-8000-000000000000"] }',
      'NOT_FOUND',
    ],
  ])('%s: %s(input: %s)', async (_, mutation, input, code) => {
    const before = await everything();
    const declared = [...input.matchAll(/\$\w+/g)].map(([name]) => `${name}: String!`).join(', ');
    const answer = await run(
      `mutation ${declared === '' ? '' : `(${declared})`} { ${mutation}(input: ${input}) { userErrors { code message } } }`,
      { manifest: policyYaml('bad', 'hostIPC: true'), archived: policyYaml('archived', 'hostIPC: true') },
    );
    expect(answer.errors).toBeUndefined();
    expect(at(answer, mutation, 'userErrors')).toMatchObject([
      { code, message: expect.any(String) as unknown },
    ]);
    expect(await everything()).toStrictEqual(before);
  });

  const lists: Readonly<Record<string, (args: string) => string>> = {
    versions: (args) => `{ policy(name: "bad") { versions(${args}) { nodes { id } } } }`,
    decisions: (args) =>
      `{ cluster(name: "prod") { decisions(filter: { allowed: true }, ${args}) { nodes { id } } } }`,
    podSpecs: (args) => `{ cluster(name: "test") { podSpecs(${args}) { nodes { id } } } }`,
    changes: (args) => `{ changes(policy: "bad", ${args}) { nodes { id } } }`,
  };

  test.each(Object.entries(lists))('the cursor of another query of %s', async (name, query) => {
    const after = String(cursors[name]);
    expect(after).toMatch(/^[\w-]{20,}$/);
    expect(codes(await run(query(`first: 1, after: "${after}"`)))).toStrictEqual(['INVALID_CURSOR']);
  });

  test.each(
    Object.entries(lists).flatMap(([name, query]) => [0, 1000].map((first) => [name, first, query] as const)),
  )('%s(first: %d)', async (_, first, query) => {
    expect(codes(await run(query(`first: ${first}`)))).toStrictEqual(['INVALID']);
  });

  test('a version that is not there is null, and so is a difference from it', async () => {
    const answer = await run(
      '{ policy(name: "bad") { version(number: 99) { id } latest { diff(from: 99) { verdict } } } policyDiff(from: { policy: "bad", version: 99 }, to: { policy: "bad" }) { verdict } }',
    );
    expect(answer).toMatchObject({
      data: { policy: { version: null, latest: { diff: null } }, policyDiff: null },
    });
    expect(answer.errors).toBeUndefined();
  });
});
