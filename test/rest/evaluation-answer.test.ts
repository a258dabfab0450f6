import { describe, expect, it } from 'vitest';
import { exactJson } from '../../src/model/exact-json.js';
import { renderReport, reportPieces } from '../../src/rest/evaluation-answer.js';
import { podYaml } from '../support/operation-context.js';
import { policy, testApp } from './app.js';

const { admin } = await testApp({ bodyLimit: 3 * 1024 * 1024 });
await admin.put('/v1/clusters/prod').send({});
for (const name of ['a', 'b', 'c']) {
  await admin
    .put(`/v1/policies/${name}`)
    .send(policy(name, { hostPorts: [{ min: name.charCodeAt(0), max: 200 }] }));
  await admin.put(`/v1/clusters/prod/assignments/${name}`).send({});
}

const evaluate = (body: string, query = '?dryRun=true') =>
  admin.post(`/v1/clusters/prod/evaluate${query}`).type('application/yaml').send(body);

describe('the answer with a large report', () => {
  const names = Array.from({ length: 200 }, (_, index) => `pod-${index}`);
  const denied = 'hostPID: true';
  const body = names.map((name, index) => podYaml(name, index % 2 === 0 ? denied : '')).join('---\n');

  it('is written bit by bit, and says of each pod what it says of it alone', async () => {
    const large = await evaluate(body);
    expect(large.status).toBe(200);
    expect(large.headers).not.toHaveProperty('content-length');
    expect(large.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    for (const index of [0, 1, 199]) {
      const single = await evaluate(podYaml(names[index] ?? '', index % 2 === 0 ? denied : ''));
      expect(single.headers).toHaveProperty('content-length');
      const [alone] = single.body.results;
      expect(large.body.results[index]).toEqual({ ...alone, object: { ...alone.object, document: index } });
    }
    expect(large.body.summary).toEqual({
      documents: 200,
      evaluated: 200,
      admitted: 100,
      denied: 100,
      skipped: 0,
    });
  });

  it('has the status of the verdict', async () => {
    expect((await evaluate(body, '?dryRun=true&fail=denied')).status).toBe(422);
  });

  it.each([
    ['nothing', []],
    ['results without candidates', [{ candidates: [], fixes: [] }]],
    [
      'texts that look like members',
      [
        {
          reason: '"candidates":[1],"fixes":[',
          warnings: ['"results":[', ']}'],
          candidates: [
            { policy: '"candidates":[', violations: [] },
            { policy: 'b', violations: [{ value: 2n ** 64n }] },
          ],
          fixes: [],
        },
        { candidates: [{ policy: 'c', violations: [] }], fixes: [] },
      ],
    ],
  ])('is in pieces what it is as a whole: %s', (_, given) => {
    const results = given.map((result) => ({
      object: { document: 0, item: null },
      patch: [],
      warnings: [],
      ...result,
    }));
    const report = { allowed: true, cluster: 'prod', policySetDigest: 'd', summary: {}, results };
    // Only what is written bit by bit matters here; the rest of a report is left out.
    const part = report as unknown as Parameters<typeof reportPieces>[0];
    expect([...reportPieces(part)].join('')).toBe(exactJson(renderReport(part)));
  });
});
