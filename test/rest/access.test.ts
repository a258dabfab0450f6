import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/observability/metrics.js';
import { restRoutes } from '../../src/rest/routes.js';
import { pod, policy, testApp } from './app.js';

const { admin, as, log } = await testApp();
for (const cluster of ['a', 'b']) await admin.put(`/v1/clusters/${cluster}`).send({});
for (const name of ['p', 'hidden']) await admin.put(`/v1/policies/${name}`).send(policy(name));
await admin.put('/v1/clusters/a/assignments/p').send({});
await admin.put('/v1/clusters/b/assignments/hidden').send({});
await admin.put('/v1/clusters/b/pod-specs/default/Pod/x').send(pod('x'));
const decidedInB = (await admin.post('/v1/clusters/b/evaluate').send(pod('x'))).body.results[0].decisionId;

async function token(name: string, role: string, clusters: readonly string[] | null = null): Promise<string> {
  const response = await admin.post('/v1/tokens').send({ name, role, clusters });
  expect(response.status, response.text).toBe(201);
  return response.body.token;
}
const tokens = {
  EDITOR: await token('editor', 'EDITOR'),
  EVALUATOR: await token('evaluator', 'EVALUATOR'),
  VIEWER: await token('viewer', 'VIEWER'),
  editorOfA: await token('editor-of-a', 'EDITOR', ['a']),
};

describe('a token', () => {
  it('is shown once, listed without its secret, and revoked at once', async () => {
    const made = await admin
      .post('/v1/tokens')
      .send({ name: 'short', role: 'VIEWER', expiresAt: '2999-01-01T00:00:00+01:00' });
    expect(made.body).toMatchObject({
      name: 'short',
      role: 'VIEWER',
      clusters: null,
      expiresAt: '2998-12-31T23:00:00.000Z',
    });
    const secret: string = made.body.token;
    expect((await as(secret).get('/v1/clusters')).status).toBe(200);
    const list = await admin.get('/v1/tokens?first=100');
    expect(list.text).not.toContain(secret);
    expect(list.body.tokens[0]).toMatchObject({ id: made.body.id, revokedAt: null });
    expect((await admin.delete(`/v1/tokens/${made.body.id}`)).status).toBe(204);
    expect((await as(secret).get('/v1/clusters')).status).toBe(401);
    expect(log()).not.toContain(secret);
  });

  it.each([
    ['no role', { name: 'x' }, '/role'],
    ['an unknown role', { name: 'x', role: 'ROOT' }, '/role'],
    ['an unknown cluster', { name: 'x', role: 'VIEWER', clusters: ['nowhere'] }, '/clusters/0'],
    [
      'an expiry that has been',
      { name: 'x', role: 'VIEWER', expiresAt: '2020-01-01T00:00:00Z' },
      '/expiresAt',
    ],
    ['an expiry that is none', { name: 'x', role: 'VIEWER', expiresAt: 'soon' }, '/expiresAt'],
    ['an empty name', { name: '', role: 'VIEWER' }, '/name'],
    ['a NUL in its cluster', { name: 'x', role: 'VIEWER', clusters: ['a\u0000'] }, '/clusters/0'],
  ])('is not made with %s', async (_name, body, pointer) => {
    const response = await admin.post('/v1/tokens').send(body);
    expect(response.status, response.text).toBe(422);
    expect(response.body.errors).toMatchObject([{ pointer }]);
  });

  it('has a name of its own', async () => {
    expect((await admin.post('/v1/tokens').send({ name: 'viewer', role: 'VIEWER' })).status).toBe(409);
  });

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'Bearer wrong',
    `Bearer podgate_${'A'.repeat(51)}`,
    'Bearer a b',
  ])('must be good: %j', async (authorization) => {
    const response = await as('').get('/v1/clusters').set('Authorization', authorization);
    expect(response.status).toBe(401);
    expect(response.headers['www-authenticate']).toMatch(/^Bearer/);
  });
});

describe('every route', () => {
  it.each(restRoutes(createMetrics()))(
    '$method $path refuses those without a token',
    async ({ method, path }) => {
      const response = await as('')[method](path.replaceAll(/[{}]/g, '')).unset('Authorization');
      expect([response.status, response.type]).toEqual([401, 'application/problem+json']);
    },
  );
});

describe('a role', () => {
  it.each([
    ['VIEWER', 'put', '/v1/clusters/c', {}, 403],
    ['VIEWER', 'put', '/v1/policies/p', policy('p'), 403],
    ['VIEWER', 'post', '/v1/clusters/a/evaluate', pod('x'), 403],
    ['VIEWER', 'post', '/v1/clusters/a/evaluate?dryRun=true', pod('x'), 200],
    ['VIEWER', 'get', '/v1/policies/p', undefined, 200],
    ['VIEWER', 'get', '/v1/tokens', undefined, 403],
    ['VIEWER', 'get', '/metrics', undefined, 200],
    ['EVALUATOR', 'post', '/v1/clusters/a/evaluate', pod('x'), 200],
    ['EVALUATOR', 'get', '/v1/policies/p', undefined, 403],
    ['EVALUATOR', 'get', '/metrics', undefined, 403],
    ['EVALUATOR', 'put', '/v1/clusters/a/assignments/p', {}, 403],
    ['EDITOR', 'put', '/v1/policies/p', policy('p'), 200],
    ['EDITOR', 'put', '/v1/clusters/a/assignments/p', {}, 200],
    ['EDITOR', 'put', '/v1/clusters/c', {}, 403],
    ['EDITOR', 'post', '/v1/tokens', { name: 'x', role: 'ADMIN' }, 403],
    ['EDITOR', 'delete', '/v1/tokens/00000000-0000-7000-8000-000000000000', undefined, 403],
  ] as const)('%s: %s %s', async (role, method, path, body, status) => {
    const response = await as(tokens[role])[method](path).send(body);
    expect(response.status, response.text).toBe(status);
  });

  it('EVALUATOR reads the decisions it asked for, and no others', async () => {
    const own = as(tokens.EVALUATOR);
    await own.post('/v1/clusters/a/evaluate').send(pod('mine'));
    await admin.post('/v1/clusters/a/evaluate').send(pod('not-mine'));
    const { body } = await own.get('/v1/clusters/a/decisions?first=100');
    const actors = new Set(body.decisions.map((decision: { actor: string }) => decision.actor));
    expect([...actors]).toEqual(['token:evaluator']);
    expect((await own.get(`/v1/decisions/${decidedInB}`)).status).toBe(404);
  });
});

describe('for a token of cluster a', () => {
  const own = as(tokens.editorOfA);

  it.each([
    ['get', '/v1/clusters/b', undefined],
    ['put', '/v1/clusters/b', {}],
    ['get', '/v1/clusters/b/assignments', undefined],
    ['put', '/v1/clusters/b/assignments/p', {}],
    ['delete', '/v1/clusters/b/assignments/hidden', undefined],
    ['get', '/v1/clusters/b/policy-set', undefined],
    ['post', '/v1/clusters/b/evaluate', pod('x')],
    ['post', '/v1/clusters/b/evaluate?dryRun=true', pod('x')],
    ['get', '/v1/clusters/b/decisions', undefined],
    ['get', `/v1/decisions/${decidedInB}`, undefined],
    ['get', '/v1/clusters/b/pod-specs', undefined],
    ['get', '/v1/clusters/b/pod-specs/default/Pod/x', undefined],
    ['put', '/v1/clusters/b/pod-specs/default/Pod/x', pod('x')],
    ['get', '/v1/policies/hidden', undefined],
    ['get', '/v1/policies/hidden/versions', undefined],
    ['get', '/v1/policies/hidden/versions/1', undefined],
  ] as const)('%s %s is as if it did not exist', async (method, path, body) => {
    const response = await own[method](path).send(body);
    const unknown = await own[method](path.replace(/\/b\b/, '/zz').replace('hidden', 'zz')).send(body);
    expect(response.status, response.text).toBe(404);
    expect(unknown.status).toBe(404);
    expect(response.body.detail.replace(/"(b|hidden)"/, '"zz"').replace(decidedInB, '')).toBe(
      unknown.body.detail.replace(decidedInB, ''),
    );
  });

  it.each([
    ['get', '/v1/clusters/a', undefined, 200],
    ['put', '/v1/clusters/a/assignments/p', {}, 200],
    ['put', '/v1/policies/p', policy('p'), 403],
    ['post', '/v1/policies/p/archive', undefined, 403],
    ['post', '/v1/policies/p/restore', { version: 1 }, 403],
    ['get', '/metrics', undefined, 403],
  ] as const)('%s %s', async (method, path, body, status) => {
    expect((await own[method](path).send(body)).status).toBe(status);
  });

  it('lists show nothing else', async () => {
    expect((await own.get('/v1/clusters')).body.clusters).toMatchObject([{ name: 'a' }]);
    expect((await own.get('/v1/policies')).body.policies).toMatchObject([{ name: 'p' }]);
  });
});
