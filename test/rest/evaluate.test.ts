import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BODY_LIMIT, pod, policy, testApp } from './app.js';

const { admin } = await testApp();
await admin.put('/v1/clusters/prod').send({});
await admin.put('/v1/clusters/empty').send({});
await admin.put('/v1/policies/modest').send(policy('modest'));
await admin.put('/v1/policies/privileged').send(policy('privileged', { privileged: true, hostPID: true }));
await admin.put('/v1/clusters/prod/assignments/modest').send({});
await admin
  .put('/v1/clusters/prod/assignments/privileged')
  .send({ subjects: [{ kind: 'Group', name: 'admins' }] });

const evaluate = (body: string | object, query = '', type = 'json') =>
  admin.post(`/v1/clusters/prod/evaluate${query}`).type(type).send(body);

const privileged = pod('p', {
  containers: [{ name: 'main', image: 'busybox', securityContext: { privileged: true } }],
});

describe('evaluation', () => {
  it('answers in the words of the contract and records what it decided', async () => {
    const response = await evaluate(privileged);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      allowed: false,
      cluster: 'prod',
      policySetDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      summary: { documents: 1, evaluated: 1, admitted: 0, denied: 1, skipped: 0 },
      results: [
        {
          object: {
            document: 0,
            apiVersion: 'v1',
            kind: 'Pod',
            namespace: 'default',
            name: 'p',
            podPath: '',
          },
          decisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          allowed: false,
          code: 'NO_POLICY_SATISFIED',
          policy: null,
          reason: expect.any(String),
          patch: [],
          warnings: [],
          candidates: [
            {
              policy: 'modest',
              version: 1,
              outcome: 'REJECTED',
              mutates: false,
              violations: [
                {
                  control: 'privileged',
                  type: 'Invalid',
                  field: 'spec.containers[0].securityContext.privileged',
                  container: 'main',
                  value: true,
                  message: 'Privileged containers are not allowed',
                },
              ],
            },
            { policy: 'privileged', version: 1, outcome: 'NOT_USABLE', mutates: false, violations: [] },
          ],
          fixes: [
            {
              policy: 'modest',
              patch: [{ op: 'remove', path: '/spec/containers/0/securityContext/privileged' }],
              choices: [],
              impossible: null,
            },
          ],
        },
      ],
    });
    const { decisionId } = response.body.results[0];
    const decision = await admin.get(`/v1/decisions/${decisionId}`);
    expect(decision.body).toMatchObject({
      id: decisionId,
      cluster: 'prod',
      sequence: '1',
      source: 'REST',
      actor: 'admin',
      requester: { user: null, groups: [], serviceAccount: 'default', namespace: 'default' },
      allowed: false,
      code: 'NO_POLICY_SATISFIED',
      policy: null,
      policyVersion: null,
      candidates: response.body.results[0].candidates,
      policySetDigest: response.body.policySetDigest,
    });
  });

  it('reads several documents of YAML, counts what bears no pod, and patches where the pod is', async () => {
    await admin.put('/v1/clusters/empty/assignments/runas').send({}).expect(404);
    const yaml = `
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec: {containers: [{name: main, image: busybox}]}
`;
    const { body } = await evaluate(yaml, '', 'application/yaml');
    expect(body.summary).toEqual({ documents: 2, evaluated: 1, admitted: 1, denied: 0, skipped: 1 });
    expect(body.results).toMatchObject([
      {
        object: { document: 1, kind: 'Deployment', namespace: 'shop', podPath: 'spec.template' },
        policy: { name: 'modest', version: 1 },
      },
    ]);
  });

  it.each([
    ['the group of a user', '?user=ann&group=admins', 'privileged'],
    ['one of several groups', '?user=ann&group=users&group=admins', 'privileged'],
    ['no group', '?user=ann', null],
    ['another group', '?user=ann&group=users', null],
  ])('considers the rights of %s', async (_name, query, name) => {
    const { body } = await evaluate(privileged, query);
    expect(body.results[0].policy?.name ?? null).toBe(name);
  });

  it('sees a user as the API server would', async () => {
    const { body } = await evaluate(
      pod('p'),
      '?user=system:serviceaccount:ci:bot&group=x&namespace=shop&serviceAccount=robot',
    );
    const decision = await admin.get(`/v1/decisions/${body.results[0].decisionId}`);
    expect(decision.body.requester).toEqual({
      user: 'system:serviceaccount:ci:bot',
      groups: ['x', 'system:serviceaccounts', 'system:serviceaccounts:ci', 'system:authenticated'],
      serviceAccount: 'robot',
      namespace: 'shop',
    });
  });

  it.each(['?dryRun=true', `?at=${new Date().toISOString()}`])('records nothing with %s', async (query) => {
    const { body } = await evaluate(pod('p'), query);
    expect(body.results[0].decisionId).toBeNull();
  });

  it.each([
    ['a denied pod and fail=denied', privileged, '?fail=denied', 422],
    ['an admitted pod and fail=denied', pod('p'), '?fail=denied', 200],
    ['a denied pod and fail=never', privileged, '?fail=never', 200],
  ])('answers %s', async (_name, body, query, status) => {
    const response = await evaluate(body, query);
    expect([response.status, response.type]).toEqual([status, 'application/json']);
    expect(response.body.results).toHaveLength(1);
  });

  it('in a cluster without policies denies with a code of its own', async () => {
    const { body } = await admin.post('/v1/clusters/empty/evaluate').send(pod('p'));
    expect(body.results[0]).toMatchObject({ code: 'NO_POLICY_ASSIGNED', candidates: [] });
  });

  it('takes compressed bodies', async () => {
    const sent = admin.post('/v1/clusters/prod/evaluate').type('json').set('Content-Encoding', 'gzip');
    const response = await sent.serialize((body) => body).send(gzipSync(JSON.stringify(pod('p'))));
    expect(response.body.allowed).toBe(true);
  });

  it('keeps integers beyond 2^53', async () => {
    const text = JSON.stringify(pod('p', { securityContext: { runAsUser: 4 } })).replace(
      ':4',
      ':9007199254740993',
    );
    const response = await evaluate(text, '?dryRun=true');
    expect([response.status, response.body.allowed]).toEqual([200, true]);
    const refused = await evaluate(text.replace('9007199254740993', '"9007199254740993"'));
    expect(refused.status).toBe(422);
  });

  it.each([
    ['YAML that does not parse', 'a: [1,\nb: 2', 'application/yaml', '', 400],
    ['JSON that does not parse', '{"a": 1,}', 'json', '', 400],
    ['an unrendered template', 'a: {{ .Values.x }}', 'application/yaml', '', 400],
    ['no document at all', '---\n---\n', 'application/yaml', '', 422],
    ['nothing', '', 'application/yaml', '', 422],
    ['a text', 'hello', 'application/yaml', '', 422],
    [
      'a pod with a number as text',
      { ...pod('p'), spec: { ...pod('p').spec, securityContext: { runAsUser: '1' } } },
      'json',
      '',
      422,
    ],
    ['a form', 'a=b', 'application/x-www-form-urlencoded', '', 415],
    ['too much', ' '.repeat(BODY_LIMIT + 1), 'application/yaml', '', 413],
    ['an unknown parameter', pod('p'), 'json', '?namespaces=x', 422],
    ['a group of nobody', pod('p'), 'json', '?group=x', 422],
    ['a truth value that is none', pod('p'), 'json', '?dryRun=1', 422],
    ['a fail that is none', pod('p'), 'json', '?fail=always', 422],
    ['a moment to come', pod('p'), 'json', '?at=2999-01-01T00:00:00Z', 422],
    ['two namespaces', pod('p'), 'json', '?namespace=a&namespace=b', 422],
  ])('refuses %s', async (_name, body, type, query, status) => {
    const response = await evaluate(body, query, type);
    expect([response.status, response.type]).toEqual([status, 'application/problem+json']);
  });

  it('refuses everything where one document is not valid, with its place', async () => {
    const yaml =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n---\n' +
      'apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec:\n  hostPID: "yes"\n  containers: [{name: a, image: b}]\n';
    const before = await admin.get('/v1/clusters/prod/decisions?first=1');
    const response = await evaluate(yaml, '', 'application/yaml');
    expect(response.status).toBe(422);
    expect(response.body.errors).toMatchObject([{ pointer: '/spec/hostPID', line: 10, column: 3 }]);
    const after = await admin.get('/v1/clusters/prod/decisions?first=1');
    expect(after.body).toEqual(before.body);
  });
});

describe('evaluation against given policies', () => {
  const post = (body: object, query = '') => admin.post(`/v1/evaluate${query}`).send(body);

  it('answers like the other one and records nothing', async () => {
    const response = await post({ policies: [policy('a')], objects: [privileged, pod('q')] });
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({
      allowed: false,
      cluster: null,
      summary: { documents: 2, evaluated: 2, admitted: 1, denied: 1 },
      results: [
        { decisionId: null, code: 'NO_POLICY_SATISFIED' },
        { decisionId: null, policy: { name: 'a' } },
      ],
    });
    expect((await post({ policies: [], objects: [pod('q')] }, '?fail=denied')).status).toBe(422);
  });

  it.each([
    ['a policy that is no object', { policies: [1], objects: [] }, '/policies/0'],
    ['an object that is none', { policies: [], objects: ['x'] }, '/objects/0'],
    ['no policies', { objects: [] }, '/policies'],
    ['a member nobody knows', { policies: [], objects: [], dryRun: true }, '/dryRun'],
    [
      'a bad policy',
      { policies: [policy('a', { privileged: 1 })], objects: [] },
      '/policies/0/spec/privileged',
    ],
    ['a bad pod', { policies: [], objects: [pod('a', { hostPID: 1 })] }, '/objects/0/spec/hostPID'],
    ['groups of nobody', { policies: [], objects: [pod('a')], groups: ['x'] }, '/groups'],
    ['an empty namespace', { policies: [], objects: [pod('a')], namespace: '' }, '/namespace'],
    ['a user that is too long', { policies: [], objects: [pod('a')], user: 'u'.repeat(513) }, '/user'],
    ['no object', { policies: [], objects: [] }, '/objects'],
    [
      'an empty List only',
      { policies: [], objects: [{ apiVersion: 'v1', kind: 'List', items: [] }] },
      '/objects',
    ],
  ])('refuses %s', async (_name, body, pointer) => {
    const response = await post(body);
    expect(response.status).toBe(422);
    expect(response.body.errors[0]).toMatchObject({ pointer });
  });

  it('takes null for what may be left out', async () => {
    const nothing = { namespace: null, user: null, groups: null, serviceAccount: null, subjects: null };
    const response = await post({ policies: [policy('a')], objects: [pod('q')], ...nothing });
    expect(response.body).toMatchObject({ allowed: true, results: [{ object: { namespace: 'default' } }] });
    const subjects = [{ kind: 'User', name: 'ann', namespace: null }];
    const usable = await post({ policies: [policy('a')], objects: [pod('q')], user: 'ann', subjects });
    expect(usable.body).toMatchObject({ allowed: true });
  });

  it('tells what is wrong with subjects, policies and objects at once', async () => {
    const response = await post({
      policies: [policy('a', { privileged: 1 })],
      objects: [pod('a', { hostPID: 1 })],
      subjects: [{ kind: 'User', name: '' }],
    });
    expect(response.status).toBe(422);
    const pointers = response.body.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers).toEqual(['/subjects/0/name', '/policies/0/spec/privileged', '/objects/0/spec/hostPID']);
  });
});
