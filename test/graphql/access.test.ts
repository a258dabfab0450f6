import { beforeAll, describe, expect, test } from 'vitest';
import { podYaml, policyYaml } from '../support/operation-context.js';
import { type Answer, at, type GraphqlApp, graphqlApp } from './app.js';

let graphql: GraphqlApp;
const tokens: Record<string, string> = {};
const ids: Record<'a' | 'b', Record<'cluster' | 'policy' | 'version' | 'podSpec' | 'decision', string>> = {
  a: { cluster: '', policy: '', version: '', podSpec: '', decision: '' },
  b: { cluster: '', policy: '', version: '', podSpec: '', decision: '' },
};

beforeAll(async () => {
  graphql = await graphqlApp();
  for (const name of ['a', 'b'] as const) ids[name] = await fill(name);
  for (const role of ['ADMIN', 'EDITOR', 'EVALUATOR', 'VIEWER']) tokens[role] = await token(role, null);
  tokens['viewer of a'] = await token('VIEWER', ['a']);
  tokens['editor of a'] = await token('EDITOR', ['a']);
});

/** A cluster with a policy of the same name, a stored workload and a decision. */
async function fill(name: string) {
  const answer = await graphql.run(
    `mutation ($policy: String!, $pod: String!) {
      saveCluster(input: { name: "${name}" }) { cluster { id } }
      savePolicy(input: { manifest: $policy }) { policy { id } version { id } }
      assignPolicy(input: { cluster: "${name}", policy: "${name}" }) { assignment { id } }
      savePodSpec(input: { cluster: "${name}", manifest: $pod }) { podSpec { id } }
      evaluatePods(input: { cluster: "${name}", manifests: $pod }) { evaluation { results { decision { id } } } } }`,
    { policy: policyYaml(name), pod: podYaml('web') },
  );
  const id = (...path: readonly (string | number)[]) => String(at(answer, ...path, 'id'));
  return {
    cluster: id('saveCluster', 'cluster'),
    policy: id('savePolicy', 'policy'),
    version: id('savePolicy', 'version'),
    podSpec: id('savePodSpec', 'podSpec'),
    decision: id('evaluatePods', 'evaluation', 'results', 0, 'decision'),
  };
}

async function token(role: string, clusters: readonly string[] | null): Promise<string> {
  const answer = await graphql.run(
    'mutation ($input: CreateTokenInput!) { createToken(input: $input) { secret userErrors { message } } }',
    { input: { name: `${role}-${clusters?.join() ?? 'all'}`, role, clusters } },
  );
  return String(at(answer, 'createToken', 'secret'));
}

const as = (who: string, query: string, variables: object = {}): Promise<Answer> =>
  graphql.run(query, variables, tokens[who]);
const codes = (answer: Answer) => answer.errors?.map((error) => error.extensions['code']);

describe('node(id:)', () => {
  const query = 'query ($id: ID!) { node(id: $id) { __typename id } }';

  test.each([
    ['cluster', 'Cluster'],
    ['policy', 'Policy'],
    ['version', 'PolicyVersion'],
    ['podSpec', 'PodSpec'],
    ['decision', 'Decision'],
  ] as const)('finds a %s, in upper case too', async (thing, type) => {
    const id = ids.b[thing];
    for (const spelled of [id, id.toUpperCase()]) {
      const answer = await as('VIEWER', query, { id: spelled });
      expect(answer.data, spelled).toStrictEqual({ node: { __typename: type, id } });
    }
  });

  test.each(['cluster', 'policy', 'version', 'podSpec', 'decision'] as const)(
    'knows no %s outside the token’s clusters',
    async (thing) => {
      expect(await as('viewer of a', query, { id: ids.b[thing] })).toMatchObject({ data: { node: null } });
      expect(await as('viewer of a', query, { id: ids.a[thing] })).toMatchObject({
        data: { node: { id: ids.a[thing] } },
      });
    },
  );

  test.each(['', 'nothing', '01890000-0000-7000-8000-000000000000', "' OR 1=1 --"])(
    'finds nothing for %j',
    async (id) => {
      const answer = await as('VIEWER', query, { id });
      expect(answer).toMatchObject({ data: { node: null } });
      expect(answer.errors).toBeUndefined();
    },
  );
});

describe('a token that is limited to a cluster', () => {
  test('sees that one, and of the others nothing', async () => {
    const answer = await as(
      'viewer of a',
      `query ($b: ID!) { viewer { clusters } clusters(first: 10) { nodes { name } } policies(first: 10) { nodes { name } }
        b: cluster(name: "b") { id } policy(name: "b") { id } decision(id: $b) { id }
        changes(first: 100) { nodes { action cluster { name } policy { name } } }
        changesOfB: changes(cluster: "b", first: 1) { nodes { id } }
        evaluate(input: { cluster: "b", manifests: "kind: Pod" }) { allowed } }`,
      { b: ids.b.decision },
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toMatchObject({
      viewer: { clusters: ['a'] },
      clusters: { nodes: [{ name: 'a' }] },
      policies: { nodes: [{ name: 'a' }] },
      b: null,
      policy: null,
      decision: null,
      changesOfB: null,
      evaluate: null,
    });
    expect(JSON.stringify(at(answer, 'changes'))).not.toContain('"b"');
  });

  test('changes what is assigned there, but no policy and no other cluster', async () => {
    const assign = (cluster: string) =>
      as(
        'editor of a',
        `mutation { assignPolicy(input: { cluster: "${cluster}", policy: "a", namespaces: ["n"] }) { userErrors { code } } }`,
      );
    expect((await assign('a')).data).toStrictEqual({ assignPolicy: { userErrors: [] } });
    expect((await assign('b')).data).toStrictEqual({ assignPolicy: { userErrors: [{ code: 'NOT_FOUND' }] } });
    const saved = await as(
      'editor of a',
      'mutation ($m: String!) { savePolicy(input: { manifest: $m }) { userErrors { code } } }',
      {
        m: policyYaml('a', 'privileged: true'),
      },
    );
    expect(codes(saved)).toStrictEqual(['FORBIDDEN']);
  });
});

describe('an evaluator', () => {
  test('evaluates, and reads the decisions of his own evaluations only', async () => {
    const evaluated = await as(
      'EVALUATOR',
      `mutation ($m: String!) { evaluatePods(input: { cluster: "a", manifests: $m }) {
        evaluation { results { policy { name } candidates { policy version } decision { id } } } } }`,
      { m: podYaml('own') },
    );
    expect(evaluated.errors).toBeUndefined();
    const result = at(evaluated, 'evaluatePods', 'evaluation', 'results', 0);
    expect(result).toMatchObject({ policy: null, candidates: [{ policy: 'a', version: 1 }] });
    const own = at({ data: result }, 'decision', 'id');
    const answer = await as(
      'EVALUATOR',
      `query ($own: ID!, $foreign: ID!) { own: decision(id: $own) { id policy { id } podSpec { id } } foreign: decision(id: $foreign) { id }
        cluster(name: "a") { decisions(first: 10) { nodes { id } } policySet { policies { name version policy { id } } } } }`,
      { own, foreign: ids.a.decision },
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toStrictEqual({
      own: { id: own, policy: null, podSpec: null },
      foreign: null,
      cluster: {
        decisions: { nodes: [{ id: own }] },
        policySet: { policies: [{ name: 'a', version: 1, policy: null }] },
      },
    });
  });

  test('is known by the name of the token: one that is made later with the name of a revoked one reads on', async () => {
    const create = async (): Promise<{ id: unknown; secret: string }> => {
      const made = await graphql.run(
        'mutation { createToken(input: { name: "pipeline", role: EVALUATOR }) { token { id } secret } }',
      );
      return {
        id: at(made, 'createToken', 'token', 'id'),
        secret: String(at(made, 'createToken', 'secret')),
      };
    };
    const read = async (secret: string) => {
      const query = '{ cluster(name: "a") { decisions(first: 10) { nodes { id } } } }';
      return at(await graphql.run(query, {}, secret), 'cluster', 'decisions', 'nodes');
    };
    const first = await create();
    await graphql.run(
      'mutation ($m: String!) { evaluatePods(input: { cluster: "a", manifests: $m }) { userErrors { code } } }',
      { m: podYaml('of-the-pipeline') },
      first.secret,
    );
    const own = await read(first.secret);
    expect(own).toHaveLength(1);
    await graphql.run('mutation ($id: ID!) { revokeToken(input: { id: $id }) { userErrors { code } } }', {
      id: first.id,
    });
    expect(await read((await create()).secret)).toEqual(own);
  });

  test('gets what he may read beside an error for what he may not', async () => {
    const answer = await as(
      'EVALUATOR',
      '{ cluster(name: "a") { name assignments { id } podSpecs(first: 1) { nodes { id } } } policies(first: 1) { nodes { id } } }',
    );
    expect(answer.data).toStrictEqual({
      cluster: { name: 'a', assignments: null, podSpecs: null },
      policies: null,
    });
    expect(codes(answer)?.sort()).toStrictEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
  });
});

test.each([
  ['VIEWER', 'saveCluster(input: { name: "x" }) { userErrors { code } }'],
  ['VIEWER', 'savePolicy(input: { manifest: "" }) { userErrors { code } }'],
  ['VIEWER', 'restorePolicyVersion(input: { policy: "a", version: 1 }) { userErrors { code } }'],
  ['VIEWER', 'archivePolicy(input: { policy: "a" }) { userErrors { code } }'],
  ['VIEWER', 'assignPolicy(input: { cluster: "a", policy: "a" }) { userErrors { code } }'],
  ['VIEWER', 'unassignPolicy(input: { cluster: "a", policy: "a" }) { userErrors { code } }'],
  ['VIEWER', 'savePodSpec(input: { cluster: "a", manifest: "" }) { userErrors { code } }'],
  ['VIEWER', 'evaluatePods(input: { cluster: "a", manifests: "" }) { userErrors { code } }'],
  ['EDITOR', 'saveCluster(input: { name: "x" }) { userErrors { code } }'],
  ['EDITOR', 'createToken(input: { name: "x", role: VIEWER }) { userErrors { code } }'],
  ['EDITOR', 'revokeToken(input: { id: "x" }) { userErrors { code } }'],
])('%s may not %s', async (role, mutation) => {
  const answer = await as(role, `mutation { ${mutation} }`);
  expect(answer.data).toBeNull();
  expect(codes(answer)).toStrictEqual(['FORBIDDEN']);
});

test('a revoked token is useless at once, and its secret was never shown again', async () => {
  const created = await graphql.run(
    'mutation { createToken(input: { name: "short-lived", role: VIEWER }) { token { id name role clusters createdBy revokedAt } secret } }',
  );
  const secret = String(at(created, 'createToken', 'secret'));
  expect((await graphql.run('{ viewer { actor } }', {}, secret)).data).toStrictEqual({
    viewer: { actor: 'token:short-lived' },
  });
  const listed = await graphql.run('{ tokens(first: 100) { nodes { id name role } } }');
  expect(JSON.stringify(listed)).not.toContain(secret);
  const id = at(created, 'createToken', 'token', 'id');
  const revoked = await graphql.run(
    'mutation ($id: ID!) { revokeToken(input: { id: $id }) { token { revokedAt } userErrors { code } } }',
    { id },
  );
  expect(at(revoked, 'revokeToken')).toStrictEqual({
    token: { revokedAt: expect.any(String) as unknown },
    userErrors: [],
  });
  expect(await graphql.run('{ viewer { actor } }', {}, secret)).toMatchObject({ status: 401 });
});
