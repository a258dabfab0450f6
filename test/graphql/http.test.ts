import { getIntrospectionQuery } from 'graphql';
import request from 'supertest';
import { beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/graphql/limits/limits.js';
import { ADMIN_TOKEN, type GraphqlApp, graphqlApp } from './app.js';

let graphql: GraphqlApp;
beforeAll(async () => {
  graphql = await graphqlApp();
});

const post = () => request(graphql.app).post('/graphql').set('Authorization', `Bearer ${ADMIN_TOKEN}`);

describe('an operation needs a token', () => {
  test.each([
    ['none', undefined],
    ['a wrong one', 'Bearer nobody-knows-this-token-anywhere'],
    ['another scheme', 'Basic YWRtaW46YWRtaW4='],
  ])('%s is answered with 401', async (_, authorization) => {
    const unsent = request(graphql.app).post('/graphql').send({ query: '{ __schema { types { name } } }' });
    const response = await (authorization === undefined
      ? unsent
      : unsent.set('Authorization', authorization));
    expect(response.status).toBe(401);
    expect(response.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'www-authenticate': 'Bearer realm="podgate"',
    });
    expect(response.text).not.toContain('Query');
  });

  test('with one, the viewer is who it belongs to', async () => {
    const response = await post().send({ query: '{ viewer { actor role clusters } }' });
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.headers['x-request-id']).toBeTruthy();
    expect(response.body).toStrictEqual({
      data: { viewer: { actor: 'admin', role: 'ADMIN', clusters: null } },
      extensions: { cost: { requested: 1, maximum: LIMITS.cost } },
    });
  });

  test('with one, the standard introspection query is within the limits', async () => {
    const response = await post().send({ query: getIntrospectionQuery({ specifiedByUrl: true }) });
    expect(response.body).not.toHaveProperty('errors');
    expect(response.body).toMatchObject({ data: { __schema: { queryType: { name: 'Query' } } } });
  });
});

describe('a request that is no operation is answered with a problem', () => {
  test.each([
    ['broken JSON', 400, '{"query": '],
    ['a member twice', 400, '{"query": "{ viewer { actor } }", "query": "{ __typename }"}'],
    ['bytes that are not UTF-8', 400, Buffer.from([0x7b, 0xff, 0x7d])],
    ['a batch of operations', 422, '[{"query": "{ __typename }"}, {"query": "{ __typename }"}]'],
    [
      'more values than are read at once',
      413,
      JSON.stringify({ variables: { none: Array(100_000).fill(0) } }),
    ],
    ['more than the limit', 413, JSON.stringify({ query: ' '.repeat(3 * 1024 * 1024) })],
  ])('%s', async (_, status, body) => {
    const raw = post()
      .set('Content-Type', 'application/json')
      .serialize((sent: string) => sent);
    const response = await raw.send(body);
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toBe('application/problem+json');
  });

  test('broken JSON, with its place', async () => {
    const raw = post()
      .set('Content-Type', 'application/json')
      .serialize((sent: string) => sent);
    const response = await raw.send('{\n  "query": }');
    expect(response.body).toMatchObject({
      detail: 'The body is not JSON',
      errors: [{ message: 'expected a value, found "}"', line: 2, column: 12 }],
    });
  });

  test('very many objects, with what to do', async () => {
    const response = await post().send({ variables: { none: Array(100_000).fill(0) } });
    expect(response.body).toMatchObject({
      detail: 'The body has too many values: send many objects as text, in `manifests`',
      errors: [{ message: 'more than 100000 values in one body', line: 1 }],
    });
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    '%s, which a page of another origin could send',
    async (type) => {
      const response = await post().set('Content-Type', type).send('{"query": "{ __typename }"}');
      expect(response.status).toBe(415);
    },
  );

  test.each(['get', 'put', 'delete', 'patch'] as const)('%s', async (method) => {
    const client = request(graphql.app);
    const response = await client[method]('/graphql?query={__typename}')
      .set('Authorization', `Bearer ${ADMIN_TOKEN}`)
      .set('Accept', 'application/json');
    expect(response.status).toBe(405);
    expect(response.headers['allow']).toBe('GET, POST, HEAD, OPTIONS');
  });
});

describe('what GraphQL itself refuses is answered with 400 and a code', () => {
  const deep = `{ policies(first: 1) { nodes { ${'latest { policy { '.repeat(8)}name${'} }'.repeat(8)} } } }`;
  const fields = (count: number, field: (index: number) => string) =>
    `{ ${Array.from({ length: count }, (_, index) => field(index)).join(' ')} }`;
  test.each([
    ['no query', {}, 'BAD_REQUEST'],
    ['a number for a query', { query: 1 }, 'BAD_REQUEST'],
    ['a list for the variables', { query: '{ __typename }', variables: [] }, 'BAD_REQUEST'],
    ['a syntax error', { query: '{ viewer' }, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'an unknown operation',
      { query: 'query A { __typename }', operationName: 'B' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'a variable of a wrong type',
      { query: 'query ($n: Int!) { clusters(first: $n) { nodes { name } } }', variables: { n: 'many' } },
      'BAD_USER_INPUT',
    ],
    [
      'a persisted query',
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } },
      'PERSISTED_QUERY_NOT_SUPPORTED',
    ],
    ['a subscription', { query: 'subscription { decisionRecorded(cluster: "prod") { id } }' }, 'BAD_REQUEST'],
    ['too many tokens', { query: fields(LIMITS.tokens, () => 'x') }, 'GRAPHQL_PARSE_FAILED'],
    ['too many characters', { query: `{ __typename }${' '.repeat(LIMITS.characters)}` }, 'LIMIT_EXCEEDED'],
    ['a long alias', { query: `{ ${'a'.repeat(201)}: __typename }` }, 'LIMIT_EXCEEDED'],
    ['too deep', { query: deep }, 'LIMIT_EXCEEDED'],
    ['too many aliases', { query: fields(51, (i) => `a${i}: __typename`) }, 'LIMIT_EXCEEDED'],
    ['too many directives', { query: fields(51, () => '__typename @skip(if: true)') }, 'LIMIT_EXCEEDED'],
    [
      'too costly',
      { query: '{ clusters(first: 100) { nodes { decisions(first: 100) { nodes { id } } } } }' },
      'LIMIT_EXCEEDED',
    ],
  ])('%s', async (_, body, code) => {
    const response = await post().send(body);
    expect(response.body).toMatchObject({ errors: [{ extensions: { code } }] });
    expect(response.body).not.toHaveProperty('data');
    expect(response.status).toBe(code === 'PERSISTED_QUERY_NOT_SUPPORTED' ? 200 : 400);
    expect(JSON.stringify(response.body)).not.toMatch(/stack|node_modules|originalError/);
  });

  test('so is JSON that is nested too deep by a variable within a literal', async () => {
    const query = 'query ($x: JSON!) { evaluate(input: { cluster: "c", objects: [[$x]] }) { allowed } }';
    const nested = JSON.parse('['.repeat(201) + ']'.repeat(201)) as unknown;
    const response = await post().send({ query, variables: { x: nested } });
    expect(response.body).toMatchObject({
      data: { evaluate: null },
      errors: [{ path: ['evaluate'], extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  test('a limit says which one it is, and how far beyond', async () => {
    const query = '{ clusters(first: 100) { nodes { decisions(first: 100) { nodes { id } } } } }';
    const response = await post().send({ query });
    const found = 1 + 100 * (1 + 1 + 100);
    expect(response.body).toStrictEqual({
      errors: [
        {
          message: `The operation's cost is ${found}, and at most 10000 is allowed`,
          locations: [{ line: 1, column: 1 }],
          extensions: { code: 'LIMIT_EXCEEDED', limit: { name: 'cost', maximum: 10_000, found } },
        },
      ],
      extensions: { cost: { requested: found, maximum: 10_000 } },
    });
  });
});

test('a failure that nobody foresaw shows nothing but the request id, under which the log has it', async () => {
  const { app, services, logged } = graphql;
  const { database } = services;
  const failing = {
    get prisma(): never {
      throw new Error('the secret reason');
    },
  };
  Object.assign(services, { database: failing });
  try {
    const response = await request(app)
      .post('/graphql')
      .set({ Authorization: `Bearer ${ADMIN_TOKEN}`, 'X-Request-Id': 'the-failing-one' })
      .send({
        query:
          'mutation { archivePolicy(input: { policy: "p" }) { userErrors { code } } viewer: __typename }',
      });
    expect(response.status).toBe(200);
    expect(response.text).not.toContain('secret');
    expect(response.body).toMatchObject({
      data: null,
      errors: [
        {
          message: 'Internal error',
          path: ['archivePolicy'],
          extensions: { code: 'INTERNAL', requestId: 'the-failing-one' },
        },
      ],
    });
    expect(logged).toContainEqual(
      expect.objectContaining({
        level: 'error',
        requestId: 'the-failing-one',
        path: ['archivePolicy'],
        err: expect.objectContaining({ message: 'the secret reason' }) as unknown,
      }),
    );
  } finally {
    Object.assign(services, { database });
  }
});

describe('GraphiQL', () => {
  const page = () =>
    request(graphql.app).get('/graphql').set('Accept', 'text/html,application/xhtml+xml,*/*;q=0.8');

  test('is shown to browsers, without a token, and comes from this server alone', async () => {
    const response = await page();
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(response.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';");
    expect(response.text).not.toMatch(/https?:|<script>|<style>| on\w+=/);
    const loaded = [...response.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] ?? '');
    expect(loaded.length).toBeGreaterThan(4);
    for (const path of loaded) {
      const asset = await request(graphql.app).get(path);
      expect(asset.status, path).toBe(200);
      expect(asset.headers['content-type'], path).toMatch(
        path.endsWith('.css') ? /^text\/css/ : /javascript/,
      );
    }
  });

  test.each([
    ['a range that is there', 'Range', 'bytes=0-9', 200],
    ['a range that is beyond the end', 'Range', 'bytes=99999999-', 200],
    ['a state that it must not be in', 'If-Match', '"none"', 412],
    [
      'a time since when it must not have changed',
      'If-Unmodified-Since',
      'Thu, 01 Jan 1970 00:00:00 GMT',
      412,
    ],
    ['a state that it may be in', 'If-None-Match', '"none"', 200],
  ])('has files that are whole or not sent at all: %s', async (_, header, value, status) => {
    const page = await request(graphql.app).get('/graphql').set('Accept', 'text/html');
    const [, script = ''] = page.text.match(/src="(\/[^"]+)"/) ?? [];
    const response = await request(graphql.app).get(script).set(header, value);
    expect(response.status).toBe(status);
    if (status === 412) expect(response.headers['content-type']).toBe('application/problem+json');
    else expect(response.headers).not.toHaveProperty('content-range');
  });

  test('is where a browser is led to that was given the bare address', async () => {
    const home = (accept: string) => request(graphql.app).get('/').set('Accept', accept);
    const response = await home('text/html,application/xhtml+xml,*/*;q=0.8');
    expect([response.status, response.headers['location']]).toEqual([303, 'graphql']);
    for (const accept of ['*/*', 'application/json']) expect((await home(accept)).status).toBe(401);
    expect((await request(graphql.app).post('/').set('Accept', 'text/html')).status).toBe(401);
  });

  test.each([
    '/graphql/graphiql/',
    '/graphql/graphiql/nothing.js',
    '/graphql/graphiql/../../package.json',
    '/graphql/graphiql/%2e%2e/build-lock',
    '/graphql/graphiql/%2e%2e%2f%2e%2e%2fpackage.json',
    '/graphql/graphiql/..%5c..%5cpackage.json',
  ])('has nothing at %s', async (path) => {
    const response = await request(graphql.app).get(path);
    expect(response.status).toBe(401);
  });
});
