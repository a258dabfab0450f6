import { beforeAll, describe, expect, test } from 'vitest';
import { policyYaml } from '../support/operation-context.js';
import { at, type GraphqlApp, graphqlApp } from './app.js';

let graphql: GraphqlApp;
beforeAll(async () => {
  graphql = await graphqlApp();
  await graphql.run('mutation { saveCluster(input: { name: "c" }) { userErrors { code } } }');
  for (const name of ['active', 'archived']) await savePolicy({ manifest: policyYaml(name) });
  await graphql.run('mutation { archivePolicy(input: { policy: "archived" }) { userErrors { code } } }');
});

const USER_ERROR = 'userErrors { code message field pointer line column type kubernetesField }';

function savePolicy(input: object) {
  const query = `mutation ($input: SavePolicyInput!) { savePolicy(input: $input) {
    outcome policy { name } version { number } warnings { code } ${USER_ERROR} } }`;
  return graphql.run(query, { input });
}

describe('savePolicy', () => {
  test('shows a syntax error with its line and column', async () => {
    const answer = await savePolicy({ manifest: 'kind: PodSecurityPolicy\nspec: [' });
    expect(answer.errors).toBeUndefined();
    expect(at(answer, 'savePolicy')).toMatchObject({
      outcome: null,
      policy: null,
      version: null,
      warnings: [],
      userErrors: [{ code: 'MALFORMED', field: ['input', 'manifest'], line: expect.any(Number) as unknown }],
    });
  });

  test('shows every problem of a policy as an error of its own, each with its place', async () => {
    const manifest = policyYaml('bad', 'privileged: "yes"\nhostPorts: [{ min: 9, max: 1 }]');
    const answer = await savePolicy({ name: 'other', manifest });
    const errors = at(answer, 'savePolicy', 'userErrors') as Record<string, unknown>[];
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      expect(error).toMatchObject({
        code: 'INVALID',
        message: expect.any(String) as unknown,
        field: ['input', 'manifest'],
        pointer: expect.stringMatching(/^\//) as unknown,
        line: expect.any(Number) as unknown,
        column: expect.any(Number) as unknown,
      });
    }
  });

  test('shows a name that is not the manifest’s own at the place in the manifest', async () => {
    const answer = await savePolicy({ name: 'other', manifest: policyYaml('active') });
    expect(at(answer, 'savePolicy', 'userErrors')).toStrictEqual([
      {
        code: 'INVALID',
        message: 'metadata.name must be "other", the name in the request',
        field: ['input', 'manifest'],
        pointer: '/metadata/name',
        line: 4,
        column: 3,
        type: 'Invalid',
        kubernetesField: 'metadata.name',
      },
    ]);
  });

  test('shows what is wrong outside the manifest at its own member', async () => {
    const answer = await savePolicy({ manifest: policyYaml('active'), message: 'x'.repeat(10_001) });
    expect(at(answer, 'savePolicy', 'userErrors')).toMatchObject([
      { code: 'INVALID', field: ['input', 'message'], pointer: null },
    ]);
  });

  test('refuses to overwrite what the author has not seen', async () => {
    const answer = await savePolicy({
      manifest: policyYaml('active', 'privileged: true'),
      expectedVersion: 7,
    });
    expect(at(answer, 'savePolicy', 'userErrors')).toMatchObject([
      { code: 'STALE_VERSION', field: ['input', 'expectedVersion'] },
    ]);
    const latest = await graphql.run('{ policy(name: "active") { latest { number } } }');
    expect(latest.data).toStrictEqual({ policy: { latest: { number: 1 } } });
  });

  test('the same content again changes nothing, and JSON is a manifest too', async () => {
    const again = await savePolicy({ manifest: policyYaml('active'), expectedVersion: 1 });
    expect(at(again, 'savePolicy')).toMatchObject({
      outcome: 'UNCHANGED',
      version: { number: 1 },
      userErrors: [],
    });
    const rule = { rule: 'RunAsAny' };
    const spec = { runAsUser: rule, fsGroup: rule, supplementalGroups: rule, seLinux: rule };
    const manifest = JSON.stringify({
      apiVersion: 'policy/v1beta1',
      kind: 'PodSecurityPolicy',
      metadata: { name: 'from-json' },
      spec,
    });
    expect(at(await savePolicy({ manifest }), 'savePolicy')).toMatchObject({
      outcome: 'CREATED',
      policy: { name: 'from-json' },
    });
  });
});

describe('an archived policy', () => {
  const archived = [{ code: 'POLICY_ARCHIVED' }];
  test('takes no new version', async () => {
    const answer = await savePolicy({ manifest: policyYaml('archived', 'privileged: true') });
    expect(at(answer, 'savePolicy', 'userErrors')).toMatchObject(archived);
  });
  test('is assigned nowhere anew', async () => {
    const answer = await graphql.run(
      'mutation { assignPolicy(input: { cluster: "c", policy: "archived" }) { assignment { id } userErrors { code } } }',
    );
    expect(at(answer, 'assignPolicy')).toStrictEqual({ assignment: null, userErrors: archived });
  });
  test('is found by name, listed only when asked for, and comes back', async () => {
    const names = (answer: unknown) => JSON.stringify(answer);
    const read = await graphql.run(`{ policy(name: "archived") { archivedAt }
      policies(first: 10) { nodes { name } }
      all: policies(first: 10, includeArchived: true) { nodes { name } } }`);
    expect(at(read, 'policy', 'archivedAt')).toEqual(expect.any(String));
    expect(names(at(read, 'policies'))).not.toContain('archived');
    expect(names(at(read, 'all'))).toContain('archived');
    const back = await graphql.run(
      'mutation { archivePolicy(input: { policy: "archived", archived: false }) { policy { archivedAt } userErrors { code } } }',
    );
    expect(at(back, 'archivePolicy')).toStrictEqual({ policy: { archivedAt: null }, userErrors: [] });
  });
});

test('an evaluation names the members of which it needs one', async () => {
  const message = (possible: string) => `exactly one of ${possible} must be given`;
  const recorded = await graphql.run(
    `mutation { evaluatePods(input: { cluster: "c", manifests: "", objects: [] }) { ${USER_ERROR} } }`,
  );
  expect(at(recorded, 'evaluatePods', 'userErrors')).toMatchObject([
    { code: 'INVALID', message: message('podSpecs, manifests, objects'), field: ['input', 'manifests'] },
  ]);
  const simulated = await graphql.run('{ evaluate(input: { cluster: "c" }) { allowed } }');
  expect(simulated.errors).toMatchObject([
    { extensions: { code: 'INVALID', problems: [{ message: message('manifests, objects') }] } },
  ]);
});

describe('what is named but not there is a user error', () => {
  test.each([
    ['assignPolicy', '{ cluster: "nowhere", policy: "active" }'],
    ['assignPolicy', '{ cluster: "c", policy: "nothing" }'],
    ['assignPolicy', '{ cluster: "c", policy: "active", pinnedVersion: 99 }'],
    ['unassignPolicy', '{ cluster: "c", policy: "active" }'],
    ['restorePolicyVersion', '{ policy: "active", version: 2147483647 }'],
    ['restorePolicyVersion', '{ policy: "active", version: -1 }'],
    ['archivePolicy', '{ policy: "nothing" }'],
    ['revokeToken', '{ id: "no-uuid" }'],
    ['revokeToken', '{ id: "01890000-0000-7000-8000-000000000000" }'],
    ['evaluatePods', '{ cluster: "nowhere", manifests: "kind: Pod" }'],
    ['evaluatePods', '{ cluster: "c", podSpecs: ["no-uuid"] }'],
    [
      'savePodSpec',
      '{ cluster: "nowhere", manifest: "apiVersion: v1\\nkind: Pod\\nmetadata: { name: p }\\nspec: { containers: [{ name: c, image: i }] }" }',
    ],
  ])('%s(input: %s)', async (mutation, input) => {
    const answer = await graphql.run(
      `mutation { ${mutation}(input: ${input}) { userErrors { code message } } }`,
    );
    expect(answer.errors).toBeUndefined();
    expect(at(answer, mutation, 'userErrors')).toMatchObject([
      {
        code: 'NOT_FOUND',
        message: expect.stringMatching(/not found|has no version|is not assigned/) as unknown,
      },
    ]);
  });
});

describe('what is not valid is a user error at its member', () => {
  test.each([
    ['saveCluster', '{ name: "No DNS" }', [['input', 'name']]],
    [
      'saveCluster',
      `{ name: "", displayName: "${'x'.repeat(300)}", kubernetesVersion: "${'1'.repeat(60)}" }`,
      [
        ['input', 'name'],
        ['input', 'displayName'],
        ['input', 'kubernetesVersion'],
      ],
    ],
    [
      'assignPolicy',
      '{ cluster: "c", policy: "active", subjects: [{ kind: User, name: "u" }, { kind: ServiceAccount, name: "s" }] }',
      [['input', 'subjects', '1', 'namespace']],
    ],
    [
      'assignPolicy',
      '{ cluster: "c", policy: "active", namespaces: ["ok", "Not Ok"] }',
      [['input', 'namespaces', '1']],
    ],
    ['createToken', '{ name: "t", role: VIEWER, clusters: ["nowhere"] }', [['input', 'clusters', '0']]],
    [
      'createToken',
      '{ name: "t", role: VIEWER, expiresAt: "2001-01-01T00:00:00Z" }',
      [['input', 'expiresAt']],
    ],
    ['evaluatePods', '{ cluster: "c" }', [['input', 'manifests']]],
    ['evaluatePods', '{ cluster: "c", manifests: "", podSpecs: [] }', [['input', 'manifests']]],
    ['evaluatePods', '{ cluster: "c", manifests: "" }', [['input', 'manifests']]],
    ['evaluatePods', '{ cluster: "c", objects: [] }', [['input', 'objects']]],
    ['evaluatePods', '{ cluster: "c", podSpecs: [] }', [['input', 'podSpecs']]],
    [
      'evaluatePods',
      '{ cluster: "c", manifests: "kind: Pod", namespace: "", groups: ["a"], serviceAccount: "" }',
      [
        ['input', 'namespace'],
        ['input', 'groups'],
        ['input', 'serviceAccount'],
      ],
    ],
    ['evaluatePods', '{ cluster: "c", podSpecs: ["x"], user: "" }', [['input', 'user']]],
    ['savePodSpec', '{ cluster: "c", manifest: "kind: Service\\napiVersion: v1" }', [['input', 'manifest']]],
  ])('%s(input: %s)', async (mutation, input, fields) => {
    const answer = await graphql.run(
      `mutation { ${mutation}(input: ${input}) { userErrors { code field } } }`,
    );
    expect(answer.errors).toBeUndefined();
    expect(at(answer, mutation, 'userErrors')).toStrictEqual(
      fields.map((field) => ({ code: 'INVALID', field })),
    );
  });

  test('objects have pointers into themselves, but no lines in a text that was never sent', async () => {
    const answer = await graphql.run(
      `mutation ($objects: [JSON!]) { evaluatePods(input: { cluster: "c", objects: $objects }) { ${USER_ERROR} } }`,
      { objects: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { hostNetwork: 'yes' } }] },
    );
    const errors = at(answer, 'evaluatePods', 'userErrors') as Record<string, unknown>[];
    expect(errors).toContainEqual(
      expect.objectContaining({
        code: 'INVALID',
        field: ['input', 'objects'],
        pointer: expect.stringContaining('/spec/hostNetwork') as unknown,
        line: null,
        column: null,
      }),
    );
  });
});
