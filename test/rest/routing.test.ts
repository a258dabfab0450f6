import { Router } from 'express';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPublicRoutes } from '../../src/rest/public-routes.js';
import { harness } from '../http/harness.js';
import request from 'supertest';
import { ADMIN_TOKEN, testApp } from './app.js';

const { admin, app, as } = await testApp();
await admin.put('/v1/clusters/prod').send({});

describe('the public routes', () => {
  it.each(['/healthz', '/readyz'])('%s needs no token', async (path) => {
    const response = await request(app).get(path);
    expect([response.status, response.type]).toEqual([200, 'application/json']);
  });

  it('/readyz tells when the database is away', async () => {
    const routes = Router().use(createPublicRoutes({ isReady: async () => false, openApi: {} }));
    const response = await request(harness(routes).app).get('/readyz');
    expect([response.status, response.body, response.headers['retry-after']]).toEqual([
      503,
      { status: 'unavailable' },
      '5',
    ]);
  });

  it('take reading only', async () => {
    const response = await request(app).post('/healthz');
    expect([response.status, response.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });
});

describe('the metrics', () => {
  it.each(['text/plain', 'text/plain;version=0.0.4', 'text/plain; version=0.0.4; charset=utf-8', '*/*'])(
    'are answered in one charset to %s',
    async (accept) => {
      const response = await admin.get('/metrics').set('Accept', accept);
      expect([response.status, response.headers['content-type']]).toEqual([
        200,
        'text/plain; version=0.0.4; charset=utf-8',
      ]);
    },
  );
});

describe('a route', () => {
  it.each([
    ['patch', '/v1/clusters/prod', 'PUT, GET, HEAD, OPTIONS'],
    ['delete', '/v1/clusters/prod', 'PUT, GET, HEAD, OPTIONS'],
    ['get', '/v1/evaluate', 'POST, OPTIONS'],
    ['put', '/v1/tokens', 'POST, GET, HEAD, OPTIONS'],
  ] as const)('refuses %s %s and tells what is allowed', async (method, path, allow) => {
    const response = await admin[method](path);
    expect([response.status, response.headers['allow']]).toEqual([405, allow]);
    expect(response.body.type).toBe('urn:podgate:problem:method-not-allowed');
  });

  it('tells its methods to OPTIONS', async () => {
    const response = await admin.options('/v1/clusters');
    expect([response.status, response.headers['allow'], response.text]).toEqual([
      204,
      'GET, HEAD, OPTIONS',
      '',
    ]);
  });

  it('answers HEAD as GET, without the body', async () => {
    const [head, get] = [await admin.head('/v1/clusters'), await admin.get('/v1/clusters')];
    expect([head.status, head.text ?? '']).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });

  it('is not found under another spelling or deeper', async () => {
    for (const path of ['/V1/clusters', '/v1/Clusters', '/v2/clusters', '/v1/clusters/prod/x', '/v1', '/']) {
      expect((await admin.get(path)).status, path).toBe(404);
    }
  });

  it('answers are kept by nobody in between', async () => {
    expect((await admin.get('/v1/clusters')).headers['cache-control']).toBe('no-store');
  });
});

describe('whatever is sent', () => {
  const paths = [
    '/v1/clusters',
    '/v1/clusters/prod',
    '/v1/policies/p',
    '/v1/policies/p/versions/1',
    '/v1/clusters/prod/policy-set',
    '/v1/clusters/prod/assignments/p',
    '/v1/clusters/prod/evaluate',
    '/v1/evaluate',
    '/v1/clusters/prod/decisions',
    '/v1/clusters/prod/pod-specs/default/Pod/p',
    '/v1/decisions/x',
    '/v1/tokens',
    '/v1/policies/p/restore',
    '/graphql',
    '/metrics',
  ];
  const requests = fc.record({
    method: fc.constantFrom('get', 'put', 'post', 'delete', 'patch', 'head', 'options'),
    path: fc.constantFrom(...paths),
    tail: fc.oneof(
      fc.constant(''),
      fc.webPath({ size: 'small' }),
      fc.constantFrom('/%00', '/%', '/..', '/%2e%2e', '//', '/%ff'),
    ),
    query: fc.oneof(
      fc.constant(''),
      fc.webQueryParameters({ size: 'small' }),
      fc.constantFrom(
        'first=%00',
        'after=AAAA',
        'at=%',
        '__proto__=1',
        'after=WyJhIl0',
        'constructor=x',
        'first[]=1',
        'first[a]=1',
      ),
    ),
    type: fc.constantFrom(
      'application/json',
      'application/yaml',
      'text/plain',
      '',
      'application/json; charset=utf-16',
      ';',
    ),
    encoding: fc.constantFrom(undefined, 'gzip', 'br', 'identity', 'nonsense'),
    body: fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '{"a":1e999}',
        '[[[[',
        '{"__proto__":{"x":1}}',
        'a: &a [*a]',
        '"\\ud800"',
        '{"name":"\\u0000"}',
        '\ufeff{}',
      ),
    ),
    headers: fc.constantFrom(
      {},
      { 'If-Match': '"' },
      { 'X-Request-Id': 'é' },
      { Accept: ',;q=x' },
      { Accept: '*/*;q=0' },
    ),
  });

  it('is never answered with a failure of ours', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(requests, async ({ method, path, tail, query, type, encoding, body, headers }) => {
        const address = `${path}${tail}${query === '' ? '' : `?${query}`}`;
        const agent = request(app);
        const call = agent[method as 'put'](address)
          .set('Authorization', `Bearer ${ADMIN_TOKEN}`)
          .set('Content-Type', type)
          .set(Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, encodeURI(value)])));
        if (encoding !== undefined) call.set('Content-Encoding', encoding);
        const response = await (method === 'head' ? call : call.send(body));
        expect(response.status, response.text).toBeLessThan(500);
        expect(response.headers['x-request-id']).toBeTruthy();
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    '/v1/clusters/%00',
    '/v1/clusters/%',
    '/v1/clusters/%c3%28',
    '/v1/clusters?first=%',
    `/v1/clusters/${'a'.repeat(5000)}`,
    '/v1/policies/p/versions/%2e',
    '/v1/clusters?after=eyJ9',
    '/v1/clusters/prod/decisions?after=WyJ4IiwxXQ',
    "/v1/clusters/'",
    '/v1/clusters/%EF%BF%BF',
    '/v1/clusters/prod/decisions?name=%ff',
  ])('%s is the fault of the one who asks', async (path) => {
    const response = await as(ADMIN_TOKEN).get(path);
    expect(response.status).toBeGreaterThanOrEqual(200);
    expect(response.status, response.text).toBeLessThan(500);
  });
});
