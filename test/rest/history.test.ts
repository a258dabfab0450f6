import { beforeAll, describe, expect, it } from 'vitest';
import { policyYaml } from '../support/operation-context.js';
import { pod, testApp } from './app.js';

const { admin } = await testApp();

const put = (name: string, fields: string, message = '') =>
  admin
    .put(`/v1/policies/${name}${message === '' ? '' : `?message=${encodeURIComponent(message)}`}`)
    .set('Content-Type', 'application/yaml')
    .send(policyYaml(name, fields));

beforeAll(async () => {
  await admin.put('/v1/clusters/prod').send({});
});

it('makes a policy, changes it four times, browses, compares, restores, and tells what was in force before', async () => {
  const contents = ['', 'hostPID: true', 'hostIPC: true', 'hostPID: true\nhostIPC: true', 'privileged: true'];
  for (const fields of contents) await put('tour', fields, fields);
  await admin.put('/v1/clusters/prod/assignments/tour').send({});
  const at = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));

  const newest = await admin.get('/v1/policies/tour/versions?first=3');
  const after = String(newest.body.pageInfo.endCursor);
  const oldest = await admin.get(`/v1/policies/tour/versions?first=3&after=${after}`);
  const versions: { version: number; message: string }[] = [...newest.body.versions, ...oldest.body.versions];
  expect(versions.map(({ version, message }) => [version, message])).toEqual(
    contents.map((message, index) => [index + 1, message === '' ? null : message]).toReversed(),
  );
  expect((await admin.get('/v1/policies/tour/diff?from=2&to=4')).body).toMatchObject({
    from: 2,
    to: 4,
    verdict: 'LOOSENED',
    changes: [{ field: 'spec.hostIPC', effect: 'LOOSENS', witness: { kind: 'Pod' } }],
  });
  const restored = await admin.post('/v1/policies/tour/restore').send({ version: 2, message: 'back' });
  expect([restored.status, restored.body.version, restored.body.restoredFrom]).toEqual([201, 6, 2]);

  const inForce = async (query: string) =>
    (await admin.get(`/v1/clusters/prod/policy-set${query}`)).body.policies[0].version as number;
  expect([await inForce(`?at=${at}`), await inForce('')]).toEqual([5, 6]);
  const root = { ...pod('root').spec.containers[0], securityContext: { privileged: true } };
  const says = async (query: string) => {
    const answer = await admin
      .post(`/v1/clusters/prod/evaluate?dryRun=true${query}`)
      .send(pod('root', { containers: [root] }));
    return answer.body.results[0].code as string;
  };
  expect([await says(`&at=${at}`), await says('')]).toEqual(['ADMITTED', 'NO_POLICY_SATISFIED']);
});

describe('bad input is refused, and nothing is written', () => {
  beforeAll(async () => {
    await put('bad', '');
    await put('bad', 'hostPID: true');
    await put('archived', '');
    await admin.post('/v1/policies/archived/archive');
  });

  it.each([
    [
      'an unknown version to restore',
      404,
      () => admin.post('/v1/policies/bad/restore').send({ version: 99 }),
    ],
    ['an unknown version to compare', 404, () => admin.get('/v1/policies/bad/diff?from=1&to=99')],
    [
      'an unknown version to pin',
      404,
      () => admin.put('/v1/clusters/prod/assignments/bad').send({ version: 99 }),
    ],
    ['a stale version', 412, () => put('bad', 'hostIPC: true').set('If-Match', '"1"')],
    ['a new version of what is archived', 409, () => put('archived', 'hostIPC: true')],
    [
      'restoring what is archived',
      409,
      () => admin.post('/v1/policies/archived/restore').send({ version: 1 }),
    ],
    ['assigning what is archived', 409, () => admin.put('/v1/clusters/prod/assignments/archived').send({})],
    ['no first', 422, () => admin.get('/v1/policies/bad/versions?first=0')],
    ['too many first', 422, () => admin.get('/v1/policies/bad/versions?first=1000')],
  ])('%s: %d', async (_, status, send) => {
    const response = await send();
    expect(response.status).toBe(status);
    expect(response.type).toBe('application/problem+json');
    const { versions } = (await admin.get('/v1/policies/bad/versions')).body;
    expect(versions).toHaveLength(2);
    expect((await admin.get('/v1/policies/archived')).body.version).toBe(1);
    const { assignments } = (await admin.get('/v1/clusters/prod/assignments')).body;
    expect(assignments.map(({ policy }: { policy: string }) => policy)).toEqual(['tour']);
  });

  it('the cursor of another query: 400', async () => {
    const after = (await admin.get('/v1/policies/tour/versions?first=1')).body.pageInfo.endCursor as string;
    const response = await admin.get(`/v1/policies/bad/versions?first=1&after=${after}`);
    expect([response.status, response.body.type]).toEqual([400, 'urn:podgate:problem:invalid-cursor']);
  });
});
