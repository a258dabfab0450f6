import { describe, expect, it } from 'vitest';
import { pod, testApp } from './app.js';

const { admin } = await testApp();
await admin.put('/v1/clusters/prod').send({});

const save = (path: string, body: object) => admin.put(`/v1/clusters/prod/pod-specs/${path}`).send(body);

describe('a stored workload', () => {
  it('has revisions, of which the same content makes no new one', async () => {
    const first = await save('default/Pod/web', pod('web'));
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      cluster: 'prod',
      namespace: 'default',
      kind: 'Pod',
      name: 'web',
      revision: 1,
      digest: expect.stringMatching(/^sha256:/),
      object: { kind: 'Pod', metadata: { name: 'web' } },
      warnings: [],
    });
    expect((await save('default/Pod/web', pod('web'))).body.revision).toBe(1);
    const second = await save('default/Pod/web', pod('web', { hostPID: true }));
    expect([second.status, second.body.revision]).toEqual([200, 2]);
    const read = await admin.get('/v1/clusters/prod/pod-specs/default/Pod/web?first=1');
    expect(read.body).toMatchObject({
      revision: 2,
      object: { spec: { hostPID: true } },
      revisions: [{ revision: 2, author: 'admin' }],
      pageInfo: { hasNextPage: true },
    });
    const list = await admin.get('/v1/clusters/prod/pod-specs');
    expect(list.body.podSpecs).toMatchObject([
      { namespace: 'default', kind: 'Pod', name: 'web', revision: 2 },
    ]);
  });

  it('shows the last verdict on it', async () => {
    const path = '/v1/clusters/prod/pod-specs/default/Pod/judged';
    expect((await save('default/Pod/judged', pod('judged'))).body.lastDecision).toBeNull();
    await admin.post('/v1/clusters/prod/evaluate').send(pod('judged'));
    const evaluated = await admin.post('/v1/clusters/prod/evaluate').send(pod('judged'));
    const last = {
      id: evaluated.body.results[0].decisionId,
      decidedAt: expect.any(String),
      allowed: false,
      code: 'NO_POLICY_ASSIGNED',
    };
    expect((await admin.get(path)).body.lastDecision).toEqual(last);
    expect((await save('default/Pod/judged', pod('judged'))).body.lastDecision).toEqual(last);
    const { podSpecs } = (await admin.get('/v1/clusters/prod/pod-specs?first=2')).body;
    expect(podSpecs).toMatchObject([
      { name: 'judged', lastDecision: last },
      { name: 'web', lastDecision: null },
    ]);
  });

  it('keeps integers and hides secrets', async () => {
    const env = [{ name: 'PASSWORD', value: 'hunter2' }];
    const body = pod('secretive', { containers: [{ name: 'main', image: 'busybox', env }] });
    const response = await save('default/Pod/secretive', body);
    expect(response.status).toBe(201);
    expect(response.text).not.toContain('hunter2');
  });

  it.each([
    ['another name', 'default/Pod/a', pod('b'), '/metadata/name'],
    ['another kind', 'default/Deployment/a', pod('a'), '/kind'],
    [
      'another namespace',
      'shop/Pod/a',
      { ...pod('a'), metadata: { name: 'a', namespace: 'default' } },
      '/metadata/namespace',
    ],
    ['several objects', 'default/Pod/a', [pod('a'), pod('b')], ''],
    [
      'an object without a pod',
      'default/ConfigMap/a',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
      '',
    ],
  ])('is refused with %s', async (_name, path, body, pointer) => {
    const response = await save(path, body);
    expect(response.status).toBe(422);
    expect(response.body.errors).toMatchObject([{ pointer }]);
  });

  it.each(['default/Pod/none', 'default/%2e%2e/none', 'a/b/c'])('is not found at %s', async (path) => {
    expect((await admin.get(`/v1/clusters/prod/pod-specs/${path}`)).status).toBe(404);
  });
});
