import { describe, expect, it } from 'vitest';
import { pod, policy, testApp } from './app.js';

const { admin, as } = await testApp();
await admin.put('/v1/clusters/prod').send({});
await admin.put('/v1/clusters/other').send({});
await admin.put('/v1/policies/modest').send(policy('modest'));
await admin.put('/v1/clusters/prod/assignments/modest').send({});

const evaluate = (body: object, query = '') => admin.post(`/v1/clusters/prod/evaluate${query}`).send(body);
await evaluate(pod('good'));
await evaluate(pod('bad', { hostPID: true }), '?namespace=shop');
await evaluate(pod('worse', { hostNetwork: true, hostPID: true }));

const list = (query = '') => admin.get(`/v1/clusters/prod/decisions${query}`);
const names = (body: { decisions: { object: { name: string } }[] }) =>
  body.decisions.map(({ object }) => object.name);

describe('the decisions of a cluster', () => {
  it('are listed newest first, or oldest first', async () => {
    expect(names((await list()).body)).toEqual(['worse', 'bad', 'good']);
    expect(names((await list('?order=oldest')).body)).toEqual(['good', 'bad', 'worse']);
  });

  it('go page by page in the order that was asked for', async () => {
    const first = await list('?order=oldest&first=2');
    expect(first.body.pageInfo.hasNextPage).toBe(true);
    const second = await list(`?order=oldest&first=2&after=${first.body.pageInfo.endCursor}`);
    expect([...names(first.body), ...names(second.body)]).toEqual(['good', 'bad', 'worse']);
    expect(second.body.pageInfo.hasNextPage).toBe(false);
    const mixed = await list(`?order=newest&after=${first.body.pageInfo.endCursor}`);
    expect([mixed.status, mixed.body.type]).toEqual([400, 'urn:podgate:problem:invalid-cursor']);
  });

  it('each look like the decision on its own', async () => {
    const { body } = await list();
    for (const decision of body.decisions) {
      expect((await admin.get(`/v1/decisions/${decision.id}`)).body).toEqual(decision);
    }
  });

  it.each([
    ['allowed=true', ['good']],
    ['allowed=false', ['worse', 'bad']],
    ['code=NO_POLICY_SATISFIED', ['worse', 'bad']],
    ['policy=modest', ['good']],
    ['policy=modest&version=1', ['good']],
    ['policy=modest&version=2', []],
    ['control=hostNetwork', ['worse']],
    ['control=hostPID', ['worse', 'bad']],
    ['namespace=shop', ['bad']],
    ['kind=Pod&name=good', ['good']],
    ['kind=Deployment', []],
    ['source=REST', ['worse', 'bad', 'good']],
    ['source=GRAPHQL', []],
    ['actor=admin', ['worse', 'bad', 'good']],
    ['actor=nobody', []],
    ['since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00%2B01:00', []],
    ['since=2020-01-01T00:00:00Z', ['worse', 'bad', 'good']],
    ['name=%F0%9F%92%A9', []],
  ])('are filtered by ?%s', async (query, expected) => {
    const response = await list(`?${query}`);
    expect(response.status, response.text).toBe(200);
    expect(names(response.body)).toEqual(expected);
  });

  it.each([
    ['allowed=yes', 'allowed'],
    ['code=DENIED', 'code'],
    ['version=1', 'version'],
    ['policy=modest&version=0', 'version'],
    ['policy=modest&version=99999999999', 'version'],
    ['since=now', 'since'],
    ['since=2026-01-01T00:00:00 01', 'since'],
    ['source=rest', 'source'],
    ['order=random', 'order'],
    ['first=1e1', 'first'],
    ['name=', 'name'],
  ])('refuse the filter ?%s', async (query, field) => {
    const response = await list(`?${query}`);
    expect([response.status, response.body.errors?.[0].field]).toEqual([422, field]);
  });

  it('of another cluster are other ones', async () => {
    expect((await admin.get('/v1/clusters/other/decisions')).body.decisions).toEqual([]);
  });

  it.each(['x', '00000000-0000-7000-8000-000000000000', '%00', "'; DROP TABLE decisions;--"])(
    'have none with id %s',
    async (id) => {
      expect((await admin.get(`/v1/decisions/${encodeURI(id)}`)).status).toBe(id === '%00' ? 404 : 404);
    },
  );
});

describe('the stored workload that a decision is about', () => {
  it('stands in lists, exports and the decision alone, with its newest revision; null where there is none', async () => {
    await admin.put('/v1/clusters/stored').send({});
    const path = '/v1/clusters/stored/pod-specs/shop/Pod/web';
    await admin.put(path).send(pod('web'));
    const saved = await admin.put(path).send(pod('web', { hostPID: true }));
    const token = await admin.post('/v1/tokens').send({ name: 'stored', role: 'EVALUATOR' });
    const evaluator = as(token.body.token);
    const evaluated = (name: string, namespace: string) =>
      evaluator.post(`/v1/clusters/stored/evaluate?namespace=${namespace}`).send(pod(name));
    for (const [name, namespace] of [
      ['web', 'shop'],
      ['web', 'default'],
      ['other', 'shop'],
    ] as const) {
      await evaluated(name, namespace);
    }
    const reference = { id: saved.body.id, namespace: 'shop', kind: 'Pod', name: 'web', revision: 2 };
    const { decisions } = (await evaluator.get('/v1/clusters/stored/decisions?order=oldest')).body;
    expect(decisions.map(({ podSpec }: { podSpec: unknown }) => podSpec)).toEqual([reference, null, null]);
    const alone = await evaluator.get(`/v1/decisions/${decisions[0].id}`);
    expect(alone.body).toEqual(decisions[0]);
  });
});
