import { beforeAll, describe, expect, it } from 'vitest';
import { policy, testApp } from './app.js';

const { admin } = await testApp();
const diff = (query: object = {}) => admin.get('/v1/policies/ports/diff').query(query);
const ranges = (min: number, max: number) => ({ hostPorts: [{ min, max }] });

beforeAll(async () => {
  await admin.put('/v1/policies/ports').send(policy('ports', ranges(1, 10)));
  await admin.put('/v1/policies/ports').send(policy('ports', ranges(1, 20)));
  const split = { hostPorts: [...ranges(11, 20).hostPorts, ...ranges(1, 10).hostPorts] };
  await admin.put('/v1/policies/ports').send(policy('ports', split));
  await admin.put('/v1/policies/other').send(policy('other', { ...ranges(1, 10), privileged: true }));
});

describe('GET /v1/policies/{name}/diff', () => {
  it('tells what differs, with a pod that can be evaluated to prove it', async () => {
    const { status, body } = await diff({ from: 1, to: 2 });
    expect([status, body]).toMatchObject([
      200,
      {
        from: 1,
        to: 2,
        verdict: 'LOOSENED',
        changes: [
          {
            field: 'spec.hostPorts',
            before: [{ min: 1, max: 10 }],
            after: [{ min: 1, max: 20 }],
            effect: 'LOOSENS',
          },
        ],
      },
    ]);
    const { witness } = body.changes[0];
    const evaluate = (spec: Readonly<Record<string, unknown>>) =>
      admin.post('/v1/evaluate').send({ policies: [policy('p', spec)], objects: [witness] });
    expect((await evaluate(ranges(1, 10))).body.allowed).toBe(false);
    expect((await evaluate(ranges(1, 20))).body.allowed).toBe(true);
  });

  it.each([
    ['the latest with the one before', {}, { from: 2, to: 3, verdict: 'EQUIVALENT', changes: [] }],
    ['a version with the one before', { to: 2 }, { from: 1, to: 2, verdict: 'LOOSENED' }],
    ['the latest with an older one', { from: 1 }, { from: 1, to: 3, verdict: 'LOOSENED' }],
    ['backwards', { from: 3, to: 1 }, { from: 3, to: 1, verdict: 'TIGHTENED' }],
    ['the latest of another policy', { with: 'other' }, { from: 3, to: 1, verdict: 'MIXED' }],
  ])('compares %s', async (_name, query, expected) => {
    const { status, body } = await diff(query);
    expect([status, body]).toMatchObject([200, expected]);
  });

  it.each([
    ['an unknown version', { from: 1, to: 9 }, 404],
    ['the version before the first', { to: 1 }, 404],
    ['an unknown other policy', { with: 'nobody' }, 404],
    ['version 0', { from: 0 }, 422],
    ['a number that is none', { from: 'x' }, 422],
    ['an unknown parameter', { since: 1 }, 422],
  ])('refuses %s', async (_name, query, status) => {
    expect((await diff(query)).status).toBe(status);
  });

  it('knows no policy that is not there', async () => {
    expect((await admin.get('/v1/policies/nobody/diff')).status).toBe(404);
  });
});
