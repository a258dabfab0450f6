import { describe, expect, it } from 'vitest';
import { pod, policy, testApp } from './app.js';

const POLICIES = 50;

const { admin } = await testApp({ bodyLimit: 1024 * 1024 });
await admin.put('/v1/clusters/prod').send({});
for (let index = 0; index < POLICIES; index += 1) {
  await admin.put(`/v1/policies/p${index}`).send(policy(`p${index}`, { allowedCapabilities: [`C${index}`] }));
  await admin.put(`/v1/clusters/prod/assignments/p${index}`).send({});
}

const container = (members: object) => ({ containers: [{ name: 'main', image: 'a', ...members }] });
const capabilities = (count: number) =>
  container({ securityContext: { capabilities: { add: Array.from({ length: count }, (_, n) => `A${n}`) } } });

const evaluate = (body: object, headers: Readonly<Record<string, string>> = {}) =>
  admin.post('/v1/clusters/prod/evaluate').set(headers).send(body);

async function recorded(): Promise<number> {
  const { body } = await admin.get('/v1/clusters/prod/decisions').query({ first: 100 });
  return body.decisions.length;
}

describe('an evaluation that would take too much', () => {
  it.each<[string, number, object, object]>([
    [
      'values in an object',
      422,
      pod('large', container({ args: Array.from({ length: 50_001 }, () => '') })),
      { errors: [{ message: 'must have at most 50000 values to be evaluated', pointer: '', line: 1 }] },
    ],
    [
      'violations',
      413,
      pod('wanting', capabilities(20_000)),
      { errors: [{ message: '"wanting" is too large to be evaluated', value: 'wanting' }] },
    ],
    [
      'to say about a pod',
      413,
      pod(`named-${'x'.repeat(1000)}`, capabilities(700)),
      { detail: 'The policies have more to say about one pod than can be recorded' },
    ],
  ])('of %s is refused with %i, and nothing is recorded', async (_, status, object, problem) => {
    const response = await evaluate({ apiVersion: 'v1', kind: 'List', items: [pod('small'), object] });
    expect(response.status).toBe(status);
    if (status === 413) expect(response.body).toMatchObject(problem);
    else expect(response.body.errors[0].message).toBe('must have at most 50000 values to be evaluated');
    expect(await recorded()).toBe(0);
  });

  it('of values in another body than manifests is refused, with the place where they become too many', async () => {
    const { status, body } = await admin.put('/v1/clusters/prod').send({ none: Array(100_000).fill(0) });
    expect(status).toBe(413);
    expect(body).toMatchObject({
      detail: 'The body has too many values',
      errors: [{ message: 'more than 100000 values in one body', line: 1, column: 200_004 }],
    });
  });

  it('of an answer to be kept is refused, and its key may be used again', async () => {
    const items = Array.from({ length: 700 }, (_, index) => pod(`p${index}`, capabilities(2)));
    const key = { 'Idempotency-Key': 'the-same' };
    const long = await evaluate({ apiVersion: 'v1', kind: 'List', items }, key);
    expect(long.status).toBe(413);
    expect(await recorded()).toBe(0);
    const short = await evaluate(pod('small', capabilities(2)), key);
    expect(short.status).toBe(200);
    expect(await recorded()).toBe(1);
  });
});

describe('what is said about a pod of which very much is wrong', () => {
  it('is told and recorded whole, but for proposals that nobody could read', async () => {
    const { status, body } = await evaluate(pod('much', capabilities(200)));
    expect(status).toBe(200);
    const [{ candidates, decisionId, fixes }] = body.results;
    expect(candidates).toHaveLength(POLICIES);
    expect(candidates[7].violations).toHaveLength(200);
    expect(fixes[7]).toMatchObject({ impossible: null });
    const decision = await admin.get(`/v1/decisions/${decisionId}`);
    expect(decision.body.candidates).toEqual(candidates);
    const page = await admin.get('/v1/clusters/prod/decisions').query({ first: 1 });
    expect(page.headers['transfer-encoding']).toBe('chunked');
    expect(page.body.decisions).toEqual([decision.body]);
    expect(page.body.pageInfo).toEqual({ endCursor: expect.any(String), hasNextPage: true });
    const all = await admin.get('/v1/clusters/prod/decisions/export').buffer(true);
    expect(all.text.split('\n').slice(0, 1)).toEqual([JSON.stringify(decision.body)]);
  });

  it('proposes nothing where more than a thousand things are wrong', async () => {
    await admin.put('/v1/clusters/few').send({});
    await admin.put('/v1/clusters/few/assignments/p0').send({});
    const { body } = await admin.post('/v1/clusters/few/evaluate').send(pod('much', capabilities(1001)));
    const [{ candidates, fixes }] = body.results;
    expect(candidates[0].violations).toHaveLength(1001);
    expect(fixes).toMatchObject([
      { patch: [], choices: [], impossible: expect.stringMatching(/more than 1000/) },
    ]);
  });
});
