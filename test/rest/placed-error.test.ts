import { describe, expect, it } from 'vitest';
import { policy, testApp } from './app.js';

const { admin } = await testApp();
await admin.put('/v1/clusters/prod').send({});
await admin.put('/v1/policies/p').send(policy('p'));

/** What is wrong, and where, of a body in lines. */
async function places(method: 'put' | 'post', path: string, lines: readonly string[]) {
  const response = await admin[method](path).type('application/json').send(lines.join('\n'));
  expect(response.status, response.text).toBe(422);
  return response.body.errors.map(
    ({ pointer, line, column }: { pointer?: string; line?: number; column?: number }) => [
      pointer,
      line,
      column,
    ],
  );
}

describe('what an operation finds wrong is told with its place in the body', () => {
  it('where a value stands, or should stand', async () => {
    const body = [
      '{"namespaces": ["default", "A B"],',
      '  "subjects": [',
      '    {"kind": "ServiceAccount", "name": "ci"}',
      ']}',
    ];
    expect(await places('put', '/v1/clusters/prod/assignments/p', body)).toEqual([
      ['/subjects/0/namespace', 3, 5],
      ['/namespaces/1', 1, 28],
    ]);
  });

  it('in policies and objects of an evaluation', async () => {
    const objects = '"objects": [{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": 5}}]';
    const path = '/v1/evaluate';
    expect(await places('post', path, ['{"policies": [],', `${objects}}`])).toEqual([
      ['/objects/0/spec/containers', 2, 58],
    ]);
    const bad = JSON.stringify(policy('p', { runAsUser: { rule: 'Nope' } }));
    const [[pointer, line]] = await places('post', path, ['{"policies": [', bad, `], ${objects}}`]);
    expect([pointer, line]).toEqual(['/policies/0/spec/runAsUser/rule', 2]);
  });

  it('but not where it came by another way', async () => {
    const response = await admin.put('/v1/clusters/Prod').send({ displayName: 'x' });
    expect(response.body.errors).toMatchObject([{ field: 'name' }]);
    expect(response.body.errors[0]).not.toHaveProperty('line');
  });
});
