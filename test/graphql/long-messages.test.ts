import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import request from 'supertest';
import { LIMITS } from '../../src/graphql/limits/limits.js';
import { ADMIN_TOKEN, type Answer, type GraphqlApp, graphqlApp } from './app.js';

let graphql: GraphqlApp;
beforeAll(async () => {
  graphql = await graphqlApp();
});
afterEach(() => {
  expect(graphql.logged.filter(({ level }) => level === 'error')).toEqual([]);
});

const many = <T>(count: number, of: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => of(index));

/** What is wrong with it is told of each variable, and each time with the operation's name. */
const named = (kind: 'query' | 'subscription', name: string, field: string) =>
  `${kind} ${name}(${many(120, (index) => `$v${index}: Int`).join(' ')}) { ${field} }`;

const SAVE = 'mutation ($input: SavePolicyInput!) { savePolicy(input: $input) { policy { name } } }';
const unknown = (count: number) => Object.fromEntries(many(count, (index) => [`unknown${index}`, 0]));

async function post(body: object) {
  const response = await request(graphql.app)
    .post('/graphql')
    .set('Authorization', `Bearer ${ADMIN_TOKEN}`)
    .send(body);
  const { errors = [] } = response.body as Answer;
  return { status: response.status, errors, length: response.text.length };
}

describe('an answer doesn’t repeat what a client sent over and over', () => {
  test('where the name of an operation is very long', async () => {
    const { status, errors, length } = await post({
      query: named('query', 'a'.repeat(60_000), '__typename'),
    });
    expect(status).toBe(400);
    expect(errors).toHaveLength(11);
    expect(errors.at(-1)?.message).toMatch(/^Too many validation errors/);
    expect(length).toBeLessThan(15_000);
  });

  test('where the name is too long for any document', async () => {
    const query = named('query', 'a'.repeat(2_000_000), '__typename');
    const { status, errors } = await post({ query });
    const limit = { name: 'characters', maximum: LIMITS.characters, found: query.length };
    expect(status).toBe(400);
    expect(errors).toEqual([
      {
        message: `The document's number of characters is ${query.length}, and at most 65536 is allowed`,
        extensions: { code: 'LIMIT_EXCEEDED', limit },
      },
    ]);
  });

  test.each([
    ['a long value is wrong in many ways', { manifest: 'x'.repeat(2_900_000), ...unknown(60) }],
    ['a value has very many members that nobody knows', { manifest: 'x', ...unknown(40_000) }],
  ])('where %s, and says what is wrong with it', async (_, input) => {
    const { status, errors, length } = await post({ query: SAVE, variables: { input } });
    expect(status).toBe(400);
    expect(errors.map(({ extensions }) => extensions)).toEqual(many(4, () => ({ code: 'BAD_USER_INPUT' })));
    expect(errors[0]?.message).toMatch(/^Variable "\$input" got invalid value .*…/);
    expect(errors[0]?.message).toMatch(/; Field "unknown0" is not defined by type "SavePolicyInput"\.$/);
    expect(errors[3]?.message).toMatch(/^Too many errors processing variables/);
    expect(length).toBeLessThan(5_000);
  });

  test('where something that isn’t there has a very long name', async () => {
    const field = (index: number) =>
      `a${index}: archivePolicy(input: { policy: $name }) { userErrors { message } }`;
    const query = `mutation ($name: String!) { ${many(50, field).join(' ')} }`;
    const { status, length } = await post({ query, variables: { name: 'x'.repeat(1_000_000) } });
    expect(status).toBe(200);
    expect(length).toBeLessThan(60_000);
  });
});

describe('over WebSockets neither', () => {
  const server = createServer();
  beforeAll(async () => {
    graphql.attach(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(() => server.close());

  /** What is answered to a subscription. */
  async function answerTo(payload: object): Promise<string> {
    const { port } = server.address() as AddressInfo; // it listens on a port
    const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(
      JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${ADMIN_TOKEN}` } }),
    );
    await once(socket, 'message');
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload }));
    const [message] = (await once(socket, 'message')) as [Buffer];
    socket.terminate();
    return message.toString();
  }

  const FIELD = 'decisionRecorded(cluster: "nowhere") { id }';
  test.each<[string, object, string]>([
    [
      'the long name of an operation',
      { query: named('subscription', 'a'.repeat(60_000), FIELD) },
      '"BAD_USER_INPUT"',
    ],
    [
      'a document that is too long',
      { query: named('subscription', 'a'.repeat(70_000), FIELD) },
      '"LIMIT_EXCEEDED"',
    ],
    [
      'a long value that is wrong in many ways',
      {
        query:
          'subscription ($f: DecisionFilter) { decisionRecorded(cluster: "nowhere", filter: $f) { id } }',
        variables: { f: { namespace: 'x'.repeat(200_000), ...unknown(60) } },
      },
      '"BAD_USER_INPUT"',
    ],
  ])('%s', async (_, payload, code) => {
    const answer = await answerTo(payload);
    expect(answer).toContain(code);
    expect(answer.length).toBeLessThan(15_000);
  });
});
