import { describe, expect, it } from 'vitest';
import { policy, testApp } from './app.js';

const { admin } = await testApp();
await admin.put('/v1/clusters/prod').send({});
for (const name of ['a', 'b']) await admin.put(`/v1/policies/${name}`).send(policy(name));

const assign = (name: string, body?: object) => admin.put(`/v1/clusters/prod/assignments/${name}`).send(body);

describe('an assignment', () => {
  it('is made, changed, listed and ended', async () => {
    const made = await assign('a');
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      cluster: 'prod',
      policy: 'a',
      version: null,
      subjects: null,
      namespaces: null,
    });
    const subjects = [{ kind: 'ServiceAccount', name: 'ci', namespace: 'build' }];
    const changed = await assign('a', { version: 1, subjects, namespaces: ['build'] });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ version: 1, subjects, namespaces: ['build'], createdBy: 'admin' });
    await assign('b');
    const list = await admin.get('/v1/clusters/prod/assignments');
    const { warnings, ...assignment } = changed.body;
    expect(warnings).toEqual([]);
    expect(list.body.assignments).toMatchObject([assignment, { policy: 'b' }]);
    expect((await admin.get('/v1/clusters/prod/assignments/a')).body).toEqual(assignment);
    expect((await admin.delete('/v1/clusters/prod/assignments/a')).status).toBe(204);
    for (const again of [
      await admin.delete('/v1/clusters/prod/assignments/a'),
      await admin.get('/v1/clusters/prod/assignments/a'),
    ]) {
      expect([again.status, again.body.detail]).toEqual([
        404,
        'Policy "a" is not assigned in cluster "prod"',
      ]);
    }
    expect((await admin.get('/v1/clusters/prod/assignments')).body.assignments).toMatchObject([
      { policy: 'b' },
    ]);
  });

  it('takes subjects as RBAC writes them', async () => {
    const apiGroup = 'rbac.authorization.k8s.io';
    const named = [
      { kind: 'Group', name: 'ops' },
      { kind: 'ServiceAccount', name: 'ci', namespace: 'build' },
      { kind: 'User', name: 'jane' },
    ];
    const subjects = named.map((subject) => ({
      ...subject,
      apiGroup: subject.kind === 'ServiceAccount' ? '' : apiGroup,
    }));
    const response = await admin.put('/v1/clusters/prod/assignments/b').send({ subjects });
    expect(response.status, response.text).toBe(200);
    expect(response.body.subjects).toEqual(named);
  });

  it.each([
    ['a version that is none', { version: 0 }, '/version'],
    ['a version as text', { version: '1' }, '/version'],
    ['a version beyond what is stored', { version: 3_000_000_000 }, '/version'],
    ['a version beyond all integers', '{"version": 99999999999999999999}', '/version'],
    ['an unknown kind of subject', { subjects: [{ kind: 'Robot', name: 'x' }] }, '/subjects/0/kind'],
    [
      'a service account of no namespace',
      { subjects: [{ kind: 'ServiceAccount', name: 'x' }] },
      '/subjects/0/namespace',
    ],
    [
      'a user with a namespace',
      { subjects: [{ kind: 'User', name: 'x', namespace: 'y' }] },
      '/subjects/0/namespace',
    ],
    [
      'an API group that is not that of users',
      { subjects: [{ kind: 'User', name: 'x', apiGroup: 'apps' }] },
      '/subjects/0/apiGroup',
    ],
    [
      'an API group of a service account',
      {
        subjects: [
          { kind: 'ServiceAccount', name: 'x', namespace: 'y', apiGroup: 'rbac.authorization.k8s.io' },
        ],
      },
      '/subjects/0/apiGroup',
    ],
    ['a subject that is none', { subjects: ['x'] }, '/subjects/0'],
    ['an unknown member', { subject: [] }, '/subject'],
    ['a namespace that is none', { namespaces: ['A B'] }, '/namespaces/0'],
  ])('is refused with %s', async (_name, body, pointer) => {
    const response = await admin.put('/v1/clusters/prod/assignments/a').type('json').send(body);
    expect(response.status).toBe(422);
    expect(response.body.errors).toMatchObject([{ pointer }]);
  });

  it.each([
    ['an unknown cluster', '/v1/clusters/nowhere/assignments/a', {}],
    ['an unknown policy', '/v1/clusters/prod/assignments/nothing', {}],
    ['an unknown version', '/v1/clusters/prod/assignments/a', { version: 7 }],
  ])('of %s is not found', async (_name, path, body) => {
    expect((await admin.put(path).send(body)).status).toBe(404);
  });
});

describe('the policy set of a cluster', () => {
  it('shows what is in force, and what was', async () => {
    await admin.put('/v1/clusters/past').send({});
    const before = new Date();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await admin.put('/v1/clusters/past/assignments/a').send({ namespaces: ['build'] });
    const now = await admin.get('/v1/clusters/past/policy-set');
    expect(now.body).toMatchObject({
      cluster: 'past',
      digest: expect.stringMatching(/^sha256:/),
      policies: [
        {
          name: 'a',
          version: 1,
          pinnedVersion: null,
          subjects: null,
          namespaces: ['build'],
          spec: { volumes: ['*'] },
        },
      ],
    });
    const then = await admin.get('/v1/clusters/past/policy-set').query({ at: before.toISOString() });
    expect(then.body).toMatchObject({ at: before.toISOString(), policies: [] });
    expect(then.body.digest).not.toBe(now.body.digest);
  });

  it.each([
    ['an offset', '2020-01-01T02:00:00%2B02:00'],
    ['an offset whose plus sign was not escaped', '2020-01-01T02:00:00+02:00'],
    ['small letters', '2020-01-01t00:00:00z'],
  ])('is told of a moment with %s', async (_name, at) => {
    const response = await admin.get(`/v1/clusters/prod/policy-set?at=${at}`);
    expect([response.status, response.body.at]).toEqual([200, '2020-01-01T00:00:00.000Z']);
  });

  it.each(['2100-01-01T00:00:00Z', 'yesterday', '2026-02-30T00:00:00Z', '2026-01-01', ''])(
    'is not told of the moment %j',
    async (at) => {
      const response = await admin.get('/v1/clusters/prod/policy-set').query({ at });
      expect([response.status, response.body.errors?.[0]?.field]).toEqual([422, 'at']);
    },
  );
});
