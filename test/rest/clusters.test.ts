import { describe, expect, it } from 'vitest';
import { testApp } from './app.js';

const { admin } = await testApp();

describe('a cluster', () => {
  it('is created, then changed, then left as it is', async () => {
    const created = await admin.put('/v1/clusters/prod-eu').send({ displayName: 'Europe' });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      name: 'prod-eu',
      displayName: 'Europe',
      kubernetesVersion: null,
      addServiceAccountVolume: false,
      mode: 'ENFORCE',
      namespaceModes: [],
      mutateAlways: false,
      onUnavailable: 'DENY',
      retention: null,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      updatedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const changed = await admin.put('/v1/clusters/prod-eu').send({ addServiceAccountVolume: true });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ displayName: 'Europe', addServiceAccountVolume: true });
    expect((await admin.get('/v1/clusters/prod-eu')).body).toEqual(changed.body);
  });

  it('needs no body at all', async () => {
    expect((await admin.put('/v1/clusters/bare')).status).toBe(201);
  });

  it('is not found under another name', async () => {
    const response = await admin.get('/v1/clusters/nowhere');
    expect([response.status, response.body.detail]).toEqual([404, 'Cluster "nowhere" was not found']);
  });

  it.each([
    ['an unknown member', '/v1/clusters/a', { displayname: 'x' }, 422, '/displayname'],
    ['a member of the wrong type', '/v1/clusters/a', { displayName: 1 }, 422, '/displayName'],
    ['a control character', '/v1/clusters/a', { displayName: 'a\u0000b' }, 422, '/displayName'],
    ['a list instead of an object', '/v1/clusters/a', [{}], 422, ''],
    ['a List of objects', '/v1/clusters/a', { kind: 'List', items: [{}] }, 422, ''],
    ['__proto__', '/v1/clusters/a', '{"__proto__": {"displayName": "x"}}', 422, '/__proto__'],
  ])('is refused with %s', async (_name, path, body, status, pointer) => {
    const response = await admin.put(path).type('json').send(body);
    expect(response.status).toBe(status);
    expect(response.body.errors).toMatchObject([{ pointer }]);
  });

  it('has a name of DNS; what is wrong with it is told of the path, not of a place in the body', async () => {
    const response = await admin.put('/v1/clusters/Prod_EU').send({});
    expect(response.status).toBe(422);
    expect(response.body.errors).toEqual([
      {
        field: 'name',
        value: 'Prod_EU',
        message: expect.stringMatching(/^name must be a DNS-1123 subdomain/),
      },
    ]);
  });

  it('is refused with every problem at once, each with its place', async () => {
    const body = '{\n  "displayName": 1,\n  "colour": "red"\n}';
    const { body: problem } = await admin.put('/v1/clusters/a').type('json').send(body);
    expect(problem.errors).toEqual([
      {
        pointer: '/displayName',
        line: 2,
        column: 3,
        field: 'displayName',
        value: 1,
        message: expect.any(String),
      },
      { pointer: '/colour', line: 3, column: 3, field: 'colour', value: 'red', message: 'is not known here' },
    ]);
  });

  it.each([
    ['JSON that does not parse', '{"displayName": ', 'application/json', 400],
    ['nothing but a brace', '{', 'application/json', 400],
    ['a key twice', '{"displayName": "a",\n"displayName": "b"}', 'application/json', 400],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe]), 'application/json', 400],
    ['text that is not JSON', 'displayName: x', 'text/plain', 415],
    ['no type', '{}', '', 415],
  ])('is refused with %s', async (_name, body, type, status) => {
    const sent = admin.put('/v1/clusters/a').set('Content-Type', type);
    const response = await sent.serialize(asIs).send(body);
    expect(response.status).toBe(status);
    if (status === 400)
      expect(response.body.errors[0]).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
  });
});

describe('the list of clusters', () => {
  it('goes page by page, newest first', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) await admin.put(`/v1/clusters/${name}`).send({});
    const first = await admin.get('/v1/clusters?first=2');
    expect(first.body.clusters.map((cluster: { name: string }) => cluster.name)).toEqual([
      'page-3',
      'page-2',
    ]);
    expect(first.body.pageInfo).toEqual({ endCursor: expect.stringMatching(/^[\w-]+$/), hasNextPage: true });
    const second = await admin.get('/v1/clusters').query({ first: 1, after: first.body.pageInfo.endCursor });
    expect(second.body.clusters).toMatchObject([{ name: 'page-1' }]);
  });

  it.each([
    ['first=0', 422, 'first'],
    ['first=101', 422, 'first'],
    ['first=1.5', 422, 'first'],
    ['first=', 422, 'first'],
    ['first=1&first=2', 422, 'first'],
    ['limit=3', 422, 'limit'],
    ['__proto__=1', 422, '__proto__'],
    ['after=nonsense', 400, 'after'],
    ['after=', 400, 'after'],
  ])('refuses ?%s', async (query, status, field) => {
    const response = await admin.get(`/v1/clusters?${query}`);
    expect([response.status, response.body.errors?.[0]?.field]).toEqual([status, field]);
  });
});

/** Keeps supertest from making JSON of bytes. */
function asIs(body: unknown): string {
  return body as string; // bytes are written as well as a string is
}
