import { describe, expect, it } from 'vitest';
import { testApp } from './app.js';

const { admin } = await testApp();
await admin.put('/v1/clusters/prod').send({});

describe('what is wrong with a body is told in plain words, with its place', () => {
  const token = (body: object) => admin.post('/v1/tokens').send(body);
  const assignment = (body: object) => admin.put('/v1/clusters/prod/assignments/p').send(body);

  it.each([
    ['a text that is missing', () => token({ role: 'VIEWER' }), 'is required: a string'],
    [
      'a word that is missing',
      () => token({ name: 'x' }),
      'is required: one of ADMIN, EDITOR, EVALUATOR, VIEWER',
    ],
    [
      'a word that is another',
      () => token({ name: 'x', role: 'admin' }),
      'must be one of ADMIN, EDITOR, EVALUATOR, VIEWER',
    ],
    [
      'a number for a text',
      () => token({ name: 5, role: 'VIEWER' }),
      'must be a string, but is the number 5',
    ],
    [
      'a text for a list',
      () => token({ name: 'x', role: 'VIEWER', clusters: 'prod' }),
      'must be a list, but is the string "prod"',
    ],
    ['a text for a number', () => assignment({ version: '1' }), 'must be a number, but is the string "1"'],
    ['a fraction', () => assignment({ version: 1.5 }), 'must be a whole number, but is the number 1.5'],
    ['a number that is too small', () => assignment({ version: 0 }), 'must be at least 1'],
    ['a number that is too large', () => assignment({ version: 3e9 }), 'must be at most 2147483647'],
    ['a list for an object', () => assignment({ subjects: [[]] }), 'must be an object, but is a list'],
    ['a member that nobody knows', () => assignment({ versoin: 1 }), 'is not known here'],
    [
      'an empty text',
      () => admin.post('/v1/evaluate').send({ policies: [], objects: [], namespace: '' }),
      'must not be empty',
    ],
  ])('%s', async (_, send, message) => {
    const response = await send();
    expect(response.status).toBe(422);
    expect(response.body.errors).toMatchObject([{ message, line: 1, column: expect.any(Number) }]);
  });
});
