import { beforeAll, describe, expect, test } from 'vitest';
import { podYaml, policyYaml } from '../support/operation-context.js';
import { type Answer, at, type GraphqlApp, graphqlApp } from './app.js';

let graphql: GraphqlApp;
let run: GraphqlApp['run'];
/** How many statements the database has been sent. */
let statements = 0;

beforeAll(async () => {
  graphql = await graphqlApp();
  run = graphql.run;
  countStatements();
  for (const cluster of ['c1', 'c2', 'c3'])
    await run(`mutation { saveCluster(input: { name: "${cluster}" }) { created } }`);
  for (const policy of ['p1', 'p2', 'p3', 'p4', 'p5']) await save(policy, '');
});

function countStatements(): void {
  const counted = new WeakSet<object>();
  graphql.services.database.pool.on('acquire', (client) => {
    if (counted.has(client)) return;
    counted.add(client);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, {
      query: (...args: unknown[]) => {
        statements += 1;
        return query(...args);
      },
    });
  });
}

const save = (policy: string, fields: string) =>
  run(
    'mutation ($m: String!) { savePolicy(input: { manifest: $m }) { version { number } userErrors { message } } }',
    {
      m: policyYaml(policy, fields),
    },
  );
const assign = (cluster: string, policy: string, more = '') =>
  run(
    `mutation { assignPolicy(input: { cluster: "${cluster}", policy: "${policy}" ${more} }) { created userErrors { message } } }`,
  );
const evaluate = (cluster: string, ...pods: readonly string[]) =>
  run(
    `mutation ($m: String!) { evaluatePods(input: { cluster: "${cluster}", manifests: $m }) { userErrors { message } } }`,
    {
      m: pods.map((pod) => podYaml(pod)).join('---\n'),
    },
  );
const codes = (answer: Answer) => answer.errors?.map((error) => error.extensions['code']);

describe('a connection', () => {
  test('is walked to its end by its cursors', async () => {
    const query =
      'query ($after: String) { policies(first: 2, after: $after) { edges { cursor node { name } } nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }';
    const pages = [];
    let after: unknown = null;
    do {
      const page = at(await run(query, { after }), 'policies') as {
        edges: { cursor: string; node: { name: string } }[];
        nodes: { name: string }[];
        pageInfo: Record<string, unknown>;
      };
      expect(page.nodes).toStrictEqual(page.edges.map((edge) => edge.node));
      expect(page.pageInfo).toStrictEqual({
        hasNextPage: pages.length < 2,
        hasPreviousPage: pages.length > 0,
        startCursor: page.edges[0]?.cursor,
        endCursor: page.edges.at(-1)?.cursor,
      });
      pages.push(page.nodes.map((node) => node.name));
      after = page.pageInfo['hasNextPage'] === true ? page.pageInfo['endCursor'] : null;
    } while (after !== null);
    expect(pages).toStrictEqual([['p5', 'p4'], ['p3', 'p2'], ['p1']]);
  });

  test('is walked back to its beginning, each page in the order of the list', async () => {
    const query =
      'query ($before: String) { policies(last: 2, before: $before) { nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor } } }';
    const last = await run(query);
    expect(at(last, 'policies')).toMatchObject({
      nodes: [{ name: 'p2' }, { name: 'p1' }],
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    });
    const middle = await run(query, { before: at(last, 'policies', 'pageInfo', 'startCursor') });
    expect(at(middle, 'policies')).toMatchObject({
      nodes: [{ name: 'p4' }, { name: 'p3' }],
      pageInfo: { hasNextPage: true, hasPreviousPage: true },
    });
    const first = await run(query, { before: at(middle, 'policies', 'pageInfo', 'startCursor') });
    expect(at(first, 'policies')).toMatchObject({
      nodes: [{ name: 'p5' }],
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    });
  });

  test.each([
    ['', 'exactly one of first and last must be given', 'first'],
    ['(first: null)', 'exactly one of first and last must be given', 'first'],
    ['(first: 1, last: 1)', 'exactly one of first and last must be given', 'first'],
    ['(first: 1, before: "x")', 'before goes with last, and after with first', 'before'],
    ['(last: 1, after: "x")', 'after goes with first, and before with last', 'after'],
    ['(last: 0)', 'last must be a whole number from 1 to 100', 'last'],
    ['(last: 101)', 'last must be a whole number from 1 to 100', 'last'],
  ])('does not take the arguments %s', async (args, message, pointer) => {
    const answer = await run(`{ policies${args} { nodes { name } } }`);
    expect(answer.errors).toMatchObject([
      { message, extensions: { code: 'INVALID', problems: [{ pointer }] } },
    ]);
  });

  test('that is empty has no cursors', async () => {
    const answer = await run(
      '{ cluster(name: "c3") { decisions(first: 1) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }',
    );
    expect(at(answer, 'cluster', 'decisions')).toStrictEqual({
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test.each([0, -1, 101, 1000])('takes no page size of %d', async (first) => {
    const answer = await run(`{ policies(first: ${first}) { nodes { name } } }`);
    expect(answer.data).toStrictEqual({ policies: null });
    expect(answer.errors).toMatchObject([
      {
        message: 'first must be a whole number from 1 to 100',
        path: ['policies'],
        extensions: { code: 'INVALID', problems: [{ pointer: 'first' }] },
      },
    ]);
  });

  test('takes no cursor of another list, and none that was made up', async () => {
    const policies = await run('{ policies(first: 1) { pageInfo { endCursor } } }');
    const foreign = at(policies, 'policies', 'pageInfo', 'endCursor');
    for (const after of [foreign, 'made up', '', 'e30']) {
      const answer = await run(
        'query ($after: String) { clusters(first: 1, after: $after) { nodes { name } } }',
        { after },
      );
      expect(codes(answer), String(after)).toStrictEqual(['INVALID_CURSOR']);
    }
  });
});

describe('a policy', () => {
  test('shows its history: versions, the content of each, who and why', async () => {
    await save('p1', 'privileged: true');
    const restored = await run(
      'mutation { restorePolicyVersion(input: { policy: "p1", version: 1, message: "back", expectedVersion: 2 }) { version { number restoredFrom message } userErrors { message } } }',
    );
    expect(at(restored, 'restorePolicyVersion')).toStrictEqual({
      version: { number: 3, restoredFrom: 1, message: 'back' },
      userErrors: [],
    });
    const answer = await run(
      `{ policy(name: "p1") { kind latest { number } first: version(number: 1) { number yaml spec digest } none: version(number: 4) { number }
        versions(first: 10) { nodes { number digest author restoredFrom policy { name } } }
        oldest: versions(last: 1) { nodes { number } pageInfo { hasPreviousPage hasNextPage } } } }`,
    );
    expect(answer.data).toMatchObject({
      policy: {
        kind: 'PodSecurityPolicy',
        latest: { number: 3 },
        first: { number: 1, yaml: expect.stringContaining('kind: PodSecurityPolicy') as unknown },
        none: null,
        oldest: { nodes: [{ number: 1 }], pageInfo: { hasPreviousPage: true, hasNextPage: false } },
        versions: {
          nodes: [
            { number: 3, author: 'admin', restoredFrom: 1, policy: { name: 'p1' } },
            { number: 2, author: 'admin', restoredFrom: null, policy: { name: 'p1' } },
            { number: 1, author: 'admin', restoredFrom: null, policy: { name: 'p1' } },
          ],
        },
      },
    });
    const digests = (at(answer, 'policy', 'versions', 'nodes') as { digest: string }[]).map(
      ({ digest }) => digest,
    );
    expect(digests[0]).toBe(digests[2]);
    expect(digests[1]).not.toBe(digests[0]);
  });

  test('in one request is seen as each mutation has left it', async () => {
    const answer = await run(
      `mutation ($a: String!, $b: String!) {
        a: savePolicy(input: { manifest: $a }) { policy { latest { number } versions(first: 1) { nodes { number } } } }
        b: savePolicy(input: { manifest: $b }) { policy { latest { number } } } }`,
      { a: policyYaml('fresh'), b: policyYaml('fresh', 'privileged: true') },
    );
    expect(answer.data).toStrictEqual({
      a: { policy: { latest: { number: 1 }, versions: { nodes: [{ number: 1 }] } } },
      b: { policy: { latest: { number: 2 } } },
    });
  });
});

describe('a cluster', () => {
  test('shows what may be used in it, and what is in force', async () => {
    await assign(
      'c1',
      'p2',
      'pinnedVersion: 1, subjects: [{ kind: Group, name: "g" }, { kind: ServiceAccount, name: "s", namespace: "n" }], namespaces: ["n"]',
    );
    await assign('c1', 'p1');
    const answer = await run(
      `{ cluster(name: "c1") { policySetDigest policySet { digest policies { name version pinnedVersion namespaces policy { name } policyVersion { number } } }
        assignments { policy { name } pinnedVersion namespaces subjects { kind name namespace } createdBy validTo } } }`,
    );
    const { policySetDigest, policySet, assignments } = at(answer, 'cluster') as Record<
      string,
      Record<string, unknown>
    >;
    expect(policySet?.['digest']).toBe(policySetDigest);
    expect(policySet?.['policies']).toStrictEqual([
      {
        name: 'p1',
        version: 3,
        pinnedVersion: null,
        namespaces: null,
        policy: { name: 'p1' },
        policyVersion: { number: 3 },
      },
      {
        name: 'p2',
        version: 1,
        pinnedVersion: 1,
        namespaces: ['n'],
        policy: { name: 'p2' },
        policyVersion: { number: 1 },
      },
    ]);
    expect(assignments).toStrictEqual([
      {
        policy: { name: 'p1' },
        pinnedVersion: null,
        namespaces: null,
        subjects: null,
        createdBy: 'admin',
        validTo: null,
      },
      {
        policy: { name: 'p2' },
        pinnedVersion: 1,
        namespaces: ['n'],
        subjects: [
          { kind: 'Group', name: 'g', namespace: null },
          { kind: 'ServiceAccount', name: 's', namespace: 'n' },
        ],
        createdBy: 'admin',
        validTo: null,
      },
    ]);
  });

  test('shows what was in force at a moment, and what that would have said', async () => {
    const before = new Date().toISOString();
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    await run(
      'mutation { unassignPolicy(input: { cluster: "c1", policy: "p1" }) { assignment { validTo endedBy } userErrors { message } } }',
    );
    const answer = await run(
      `query ($before: DateTime!, $m: String!) { cluster(name: "c1") { now: policySet { policies { name } } past: policySet(at: $before) { at policies { name } } }
        now: evaluate(input: { cluster: "c1", manifests: $m }) { allowed results { code decision { id } policyVersion { number } } }
        past: evaluate(input: { cluster: "c1", manifests: $m, at: $before }) { allowed results { code policyVersion { number } } } }`,
      { before, m: podYaml('web') },
    );
    expect(answer.data).toStrictEqual({
      cluster: {
        now: { policies: [{ name: 'p2' }] },
        past: { at: before, policies: [{ name: 'p1' }, { name: 'p2' }] },
      },
      now: { allowed: false, results: [{ code: 'NO_POLICY_USABLE', decision: null, policyVersion: null }] },
      past: { allowed: true, results: [{ code: 'ADMITTED', policyVersion: { number: 3 } }] },
    });
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const future = await run(
      'query ($at: DateTime) { cluster(name: "c1") { policySet(at: $at) { digest } } }',
      { at: tomorrow },
    );
    expect(codes(future)).toStrictEqual(['INVALID']);
  });

  test('shows its decisions by filter and in both orders', async () => {
    await assign('c2', 'p3');
    await evaluate('c2', 'one', 'two', 'three');
    const names = async (args: string, size = 'first: 10') => {
      const answer = await run(
        `{ cluster(name: "c2") { decisions(${size} ${args}) { nodes { object { name } } } } }`,
      );
      expect(answer.errors).toBeUndefined();
      return (at(answer, 'cluster', 'decisions', 'nodes') as { object: { name: string } }[]).map(
        ({ object }) => object.name,
      );
    };
    expect(await names('')).toStrictEqual(['three', 'two', 'one']);
    expect(await names('order: OLDEST')).toStrictEqual(['one', 'two', 'three']);
    expect(await names('', 'last: 2')).toStrictEqual(['two', 'one']);
    expect(await names('order: OLDEST', 'last: 2')).toStrictEqual(['two', 'three']);
    expect(
      await names('filter: { name: "two", kind: null, source: GRAPHQL, code: ADMITTED, allowed: true }'),
    ).toStrictEqual(['two']);
    expect(
      await names('filter: { policy: "p3", version: 1, actor: "admin", namespace: "default" }'),
    ).toHaveLength(3);
    expect(await names('filter: { control: "hostNetwork" }')).toStrictEqual([]);
    expect(await names('filter: { source: REST }')).toStrictEqual([]);
    expect(await names('filter: { until: "2001-01-01T00:00:00Z" }')).toStrictEqual([]);
  });
});

describe('a pod spec', () => {
  const manifest = (image: string) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, namespace: shop }\nspec:\n  selector: { matchLabels: { a: b } }\n  template:\n    metadata: { labels: { a: b } }\n    spec:\n      containers:\n        - { name: c, image: ${image}, env: [{ name: PASSWORD, value: hunter2 }] }\n`;
  const store = (image: string) =>
    run(
      'mutation ($m: String!) { savePodSpec(input: { cluster: "c2", manifest: $m }) { outcome warnings podSpec { id revision } revision { number } userErrors { message } } }',
      { m: manifest(image) },
    );

  test('has numbered revisions, is evaluated by its id, and shows its decisions', async () => {
    expect(at(await store('one'), 'savePodSpec')).toMatchObject({
      outcome: 'CREATED',
      revision: { number: 1 },
    });
    expect(at(await store('one'), 'savePodSpec')).toMatchObject({
      outcome: 'UNCHANGED',
      revision: { number: 1 },
    });
    const second = await store('two');
    expect(at(second, 'savePodSpec')).toMatchObject({ outcome: 'UPDATED', podSpec: { revision: 2 } });
    const id = at(second, 'savePodSpec', 'podSpec', 'id');
    const evaluated = await run(
      'mutation ($id: ID!) { evaluatePods(input: { cluster: "c2", podSpecs: [$id] }) { evaluation { results { object { kind namespace name podPath } decision { podSpec { id } } } } userErrors { message } } }',
      { id },
    );
    expect(at(evaluated, 'evaluatePods')).toStrictEqual({
      evaluation: {
        results: [
          {
            object: { kind: 'Deployment', namespace: 'shop', name: 'web', podPath: 'spec.template' },
            decision: { podSpec: { id } },
          },
        ],
      },
      userErrors: [],
    });
    const read = await run(
      `{ cluster(name: "c2") { podSpecs(first: 10) { nodes { id cluster { name } namespace kind name revision latest { number object author }
        revisions(first: 10) { nodes { number } } decisions(first: 10) { nodes { object { name } } } } } } }`,
    );
    expect(at(read, 'cluster', 'podSpecs', 'nodes')).toMatchObject([
      {
        id,
        cluster: { name: 'c2' },
        namespace: 'shop',
        kind: 'Deployment',
        name: 'web',
        revision: 2,
        latest: { number: 2, author: 'admin', object: { kind: 'Deployment' } },
        revisions: { nodes: [{ number: 2 }, { number: 1 }] },
        decisions: { nodes: [{ object: { name: 'web' } }] },
      },
    ]);
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });
});

test('changes tell who did what, to which cluster and policy', async () => {
  const answer = await run(
    '{ changes(cluster: "c1", policy: "p1", first: 10) { nodes { action actor at cluster { name } policy { name } details } } none: changes(policy: "nothing", first: 1) { nodes { id } } }',
  );
  expect(at(answer, 'none')).toBeNull();
  expect(at(answer, 'changes', 'nodes')).toMatchObject([
    { action: 'POLICY_UNASSIGNED', actor: 'admin', cluster: { name: 'c1' }, policy: { name: 'p1' } },
    {
      action: 'POLICY_ASSIGNED',
      actor: 'admin',
      cluster: { name: 'c1' },
      policy: { name: 'p1' },
      details: { after: { pinnedVersion: null } },
    },
  ]);
});

test('integers beyond 2^53 keep their digits on their way through', async () => {
  const big = '9007199254740993';
  const text = `{"query": "query ($objects: [JSON!]) { evaluate(input: { cluster: \\"c2\\", objects: $objects }) { results { candidates { violations { value } } } } }", "variables": {"objects": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "big"}, "spec": {"securityContext": {"runAsUser": ${big}}, "containers": [{"name": "c", "image": "i"}]}}]}}`;
  await save('uid', 'runAsUser: { rule: MustRunAs, ranges: [{ min: 1, max: 2 }] }');
  await run('mutation { unassignPolicy(input: { cluster: "c2", policy: "p3" }) { userErrors { code } } }');
  await assign('c2', 'uid');
  const { default: request } = await import('supertest');
  const response = await request(graphql.app)
    .post('/graphql')
    .set('Authorization', 'Bearer the-admin-token-of-the-graphql-tests')
    .set('Content-Type', 'application/json')
    .send(text);
  expect(response.text).toContain(`"value":${big}`);
});

describe('the number of statements does not grow with the rows', () => {
  // One way through the graph each: of several at once it depends on their pace which reads are made together.
  const queries: Readonly<Record<string, string>> = {
    'clusters, what is assigned, the policies and their versions':
      '{ clusters(first: 20) { nodes { assignments { policy { name latest { number policy { name } } } } } } }',
    'clusters and their policy sets':
      '{ clusters(first: 20) { nodes { policySetDigest policySet { policies { policyVersion { number } } } } } }',
    'policies, their versions and where they are assigned':
      '{ policies(first: 20) { nodes { latest { number } version(number: 1) { digest } assignments { cluster { name } } } } }',
    'changes of clusters and policies':
      '{ changes(first: 100) { nodes { cluster { name } policy { name latest { number } } } } }',
    'decisions, by which policy and version':
      '{ cluster(name: "c2") { decisions(first: 100) { nodes { cluster { name } policy { name } } } } }',
    'decisions about stored workloads':
      '{ cluster(name: "c2") { decisions(first: 100) { nodes { podSpec { name latest { number } } } } } }',
    'clusters, the last decisions of each, and the policies that admitted':
      '{ clusters(first: 20) { nodes { decisions(first: 5) { nodes { policy { name } } } } } }',
    'clusters and what was denied in each':
      '{ clusters(first: 20) { nodes { decisions(first: 5, filter: { allowed: false }, order: OLDEST) { nodes { reason } } } } }',
    'policies and the history of each':
      '{ policies(first: 20) { nodes { versions(first: 3) { nodes { number } } oldest: versions(last: 1) { nodes { number } } } } }',
    'clusters, their workloads, and the revisions of each':
      '{ clusters(first: 20) { nodes { podSpecs(first: 9) { nodes { revisions(first: 3) { nodes { number } } } } } } }',
    'clusters, their workloads, and the last verdict on each':
      '{ clusters(first: 20) { nodes { podSpecs(first: 9) { nodes { lastDecision { code policyVersion { number } } } } } } }',
    'workloads and the last decisions about each':
      '{ cluster(name: "c2") { podSpecs(first: 20) { nodes { decisions(first: 3) { nodes { code } } } } } }',
  };
  const before = new Map<string, number>();

  async function count(query: string): Promise<number> {
    const start = statements;
    const answer = await run(query);
    expect(answer.errors).toBeUndefined();
    return statements - start;
  }

  beforeAll(async () => {
    for (const query of Object.values(queries)) before.set(query, await count(query));
    for (let index = 0; index < 6; index += 1) {
      await run(`mutation { saveCluster(input: { name: "more-${index}" }) { created } }`);
      await save(`more-${index}`, '');
      for (const policy of ['p1', 'p2', `more-${index}`]) await assign(`more-${index}`, policy);
      await evaluate('c2', `more-${index}`);
      await evaluate(`more-${index}`, 'web');
      for (const cluster of ['c2', `more-${index}`]) {
        const variables = { cluster, manifest: podYaml(`more-${index}`) };
        await run(
          'mutation ($cluster: String!, $manifest: String!) { savePodSpec(input: { cluster: $cluster, manifest: $manifest }) { outcome } }',
          variables,
        );
      }
    }
  });

  test.each(Object.entries(queries))('%s', async (_, query) => {
    expect(before.get(query)).toBeGreaterThan(1);
    expect(await count(query)).toBe(before.get(query));
  });
});
