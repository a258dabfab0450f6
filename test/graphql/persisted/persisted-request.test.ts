import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, type SubscribePayload } from 'graphql-ws';
import { getIntrospectionQuery } from 'graphql';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { podYaml } from '../../support/operation-context.js';
import { ADMIN_TOKEN, type GraphqlApp, graphqlApp } from '../app.js';

const VIEWER = 'query Viewer { viewer { actor } }';
const BOTH = 'query A { viewer { actor } } query B { viewer { role } }';
const ECHO =
  'query Echo($objects: [JSON!]) { evaluate(input: {cluster: "prod", objects: $objects}) { allowed } }';
const SAVE = 'mutation Save($name: String!) { saveCluster(input: {name: $name}) { created } }';
const WATCH =
  'subscription Watch($cluster: String!) { decisionRecorded(cluster: $cluster, after: "0") { sequence } }';
const PAGE =
  'query Page($n: Int!) { clusters(first: $n) { nodes { decisions(first: $n) { nodes { id } } } } }';
const FREE = '{ viewer { role } }';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const manifest = { viewer: VIEWER, both: BOTH, echo: ECHO, save: SAVE, watch: WATCH, page: PAGE };

let strict: GraphqlApp;
let lenient: GraphqlApp;
beforeAll(async () => {
  strict = await graphqlApp({}, undefined, { manifest, only: true });
  lenient = await graphqlApp({}, undefined, { manifest, only: false });
});

const post = (graphql: GraphqlApp, body: object) =>
  request(graphql.app).post('/graphql').set('Authorization', `Bearer ${ADMIN_TOKEN}`).send(body);
const get = (graphql: GraphqlApp, parameters: Readonly<Record<string, string>>) =>
  request(graphql.app)
    .get('/graphql')
    .set('Authorization', `Bearer ${ADMIN_TOKEN}`)
    .query(new URLSearchParams(parameters).toString());

const ADMIN = { data: { viewer: { actor: 'admin' } } };
const ROLE = { data: { viewer: { role: 'ADMIN' } } };
const persistedQuery = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(text) } });

describe('a persisted document is answered', () => {
  test.each([
    ['by its id', { documentId: 'viewer' }, ADMIN],
    ['by its SHA-256', { documentId: `sha256:${sha256(VIEWER)}` }, ADMIN],
    ["by Apollo's hash", { extensions: persistedQuery(VIEWER) }, ADMIN],
    ['by its text', { query: VIEWER }, ADMIN],
    ["by its text with Apollo's hash", { query: VIEWER, extensions: persistedQuery(VIEWER) }, ADMIN],
    ['with null for what is not sent', { documentId: 'viewer', query: null, variables: null }, ADMIN],
    ['by the name of one of its operations', { documentId: 'both', operationName: 'B' }, ROLE],
  ])('by POST %s', async (_, body, answer) => {
    for (const graphql of [strict, lenient]) {
      const response = await post(graphql, body);
      expect(response.body).toMatchObject(answer);
      expect(response.status).toBe(200);
    }
  });

  test.each([
    ['by its id', { documentId: 'viewer' }, ADMIN],
    ["by Apollo's hash", { extensions: JSON.stringify(persistedQuery(VIEWER)) }, ADMIN],
    ['by the name of one of its operations', { documentId: 'both', operationName: 'B' }, ROLE],
    ['with an empty name of an operation', { documentId: 'viewer', operationName: '' }, ADMIN],
  ])('by GET %s', async (_, parameters, answer) => {
    for (const graphql of [strict, lenient]) {
      const response = await get(graphql, parameters);
      expect(response.body).toMatchObject(answer);
      expect(response.status).toBe(200);
    }
  });

  test('by GET with variables, integers beyond 2^53 exact', async () => {
    await post(strict, { documentId: 'save', variables: { name: 'prod' } });
    const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"big","generation":9007199254740993},"spec":{"containers":[{"name":"c","image":"i","securityContext":{"runAsUser":9223372036854775808}}]}}`;
    const response = await get(strict, { documentId: 'echo', variables: `{"objects":[${pod}]}` });
    expect(JSON.stringify(response.body)).toContain('9223372036854775808');
  });

  test('within the limit of cost, told in the answer', async () => {
    const fits = await post(strict, { documentId: 'page', variables: { n: 5 } });
    expect(fits.body.extensions).toStrictEqual({ cost: { requested: 1 + 5 * 7, maximum: 10_000 } });
    const tooMuch = await get(strict, { documentId: 'page', variables: '{"n":100}' });
    expect(tooMuch.status).toBe(400);
    expect(tooMuch.body).toMatchObject({ errors: [{ extensions: { limit: { name: 'cost' } } }] });
  });

  test('to those who are signed in', async () => {
    for (const response of [
      await request(strict.app).get('/graphql?documentId=viewer'),
      await request(strict.app).post('/graphql').send({ documentId: 'viewer' }),
    ]) {
      expect(response.status).toBe(401);
    }
  });
});

describe('what is no persisted document', () => {
  test.each([
    ['an unknown id', { documentId: 'nothing' }, 'PERSISTED_DOCUMENT_NOT_FOUND'],
    ['the name of a member of every object', { documentId: '__proto__' }, 'PERSISTED_DOCUMENT_NOT_FOUND'],
    ['an unknown hash', { extensions: persistedQuery('{ x }') }, 'PERSISTED_DOCUMENT_NOT_FOUND'],
    ['an id that is no text', { documentId: 1 }, 'BAD_REQUEST'],
    ['an id beside a query', { documentId: 'viewer', query: VIEWER }, 'BAD_REQUEST'],
    ['the hash of another text', { query: FREE, extensions: persistedQuery(VIEWER) }, 'BAD_REQUEST'],
    ['nothing', { variables: {} }, 'BAD_REQUEST'],
  ])('%s is refused in both modes', async (_, body, code) => {
    for (const graphql of [strict, lenient]) {
      const response = await post(graphql, body);
      expect(response.status).toBe(400);
      expect(response.body).toStrictEqual({
        errors: [{ message: expect.any(String) as unknown, extensions: { code } }],
      });
    }
  });

  test.each([
    ['a free document', { query: FREE }],
    ['one that differs in a blank', { query: `${VIEWER} ` }],
    ['a free document with its hash', { query: FREE, extensions: persistedQuery(FREE) }],
    ['introspection', { query: getIntrospectionQuery() }],
  ])('%s is refused in the allow-list, for administrators too, and answered beside it', async (_, body) => {
    const refused = await post(strict, body);
    expect(refused.status).toBe(400);
    expect(refused.body).toStrictEqual({
      errors: [
        {
          message: 'Only persisted documents are answered: send the documentId of one of them',
          extensions: { code: 'PERSISTED_DOCUMENT_REQUIRED' },
        },
      ],
    });
    const answered = await post(lenient, body);
    expect(answered.body).not.toHaveProperty('errors');
  });

  test.each([
    ['a free document', { query: FREE }, 405],
    ['nothing', {}, 405],
    ['a mutation', { documentId: 'save', variables: '{"name":"by-get"}' }, 405],
    ['a subscription', { documentId: 'watch' }, 405],
    ['an unknown id', { documentId: 'nothing' }, 400],
    ['variables that are not JSON', { documentId: 'echo', variables: '{' }, 400],
    ['variables that are no object', { documentId: 'echo', variables: '[]' }, 400],
  ])('%s is refused by GET', async (_, parameters, status) => {
    for (const graphql of [strict, lenient]) {
      const response = await get(graphql, parameters);
      expect(response.status).toBe(status);
      expect(response.body).not.toHaveProperty('data');
    }
  });

  test('a parameter twice is refused by GET', async () => {
    const response = await request(strict.app)
      .get('/graphql?documentId=viewer&documentId=both')
      .set('Authorization', `Bearer ${ADMIN_TOKEN}`);
    expect(response.body).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  test('GraphiQL is there only where free documents are answered', async () => {
    for (const path of ['/', '/graphql', '/graphql/graphiql/setup.js']) {
      const page = (graphql: GraphqlApp) => request(graphql.app).get(path).set('Accept', 'text/html');
      expect((await page(strict)).status).toBe(401);
    }
    const shown = await request(lenient.app).get('/graphql').set('Accept', 'text/html');
    expect(shown.headers['content-type']).toBe('text/html; charset=utf-8');
  });
});

describe('subscriptions', () => {
  const urls = new Map<GraphqlApp, string>();
  beforeAll(async () => {
    for (const graphql of [strict, lenient]) {
      const server = createServer(graphql.app);
      graphql.attach(server);
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      afterAll(() => void server.close());
      urls.set(graphql, `ws://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
      await post(graphql, { documentId: 'save', variables: { name: 'watched' } });
    }
    const { app } = lenient;
    const query = `mutation ($m: String!) { evaluatePods(input: {cluster: "watched", manifests: $m}) { userErrors { message } } }`;
    await request(app)
      .post('/graphql')
      .set('Authorization', `Bearer ${ADMIN_TOKEN}`)
      .send({ query, variables: { m: podYaml('one') } });
  });

  async function first(graphql: GraphqlApp, payload: SubscribePayload): Promise<unknown> {
    const client = createClient({
      url: urls.get(graphql) ?? '',
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${ADMIN_TOKEN}` },
      retryAttempts: 0,
    });
    onTestFinished(() => void client.dispose());
    try {
      return (await client.iterate(payload).next()).value;
    } catch (error) {
      return error;
    }
  }

  const variables = { cluster: 'watched' };
  test.each([
    ['by id', { documentId: 'watch', query: '', variables }],
    ["by Apollo's hash", { query: '', extensions: persistedQuery(WATCH), variables }],
    ['by the text', { query: WATCH, variables }],
  ])('are taken %s, with their cost in each answer', async (_, payload) => {
    expect(await first(lenient, payload)).toStrictEqual({
      data: { decisionRecorded: { sequence: '1' } },
      extensions: { cost: { requested: 1, maximum: 10_000 } },
    });
  });

  test('are taken without a query, which the library of most clients always sends', async () => {
    const socket = new WebSocket(urls.get(strict) ?? '', 'graphql-transport-ws');
    onTestFinished(() => socket.close());
    const send = (message: object) => socket.send(JSON.stringify(message));
    const answer = await new Promise((done, fail) => {
      socket.once('close', fail);
      socket.once('open', () =>
        send({ type: 'connection_init', payload: { authorization: `Bearer ${ADMIN_TOKEN}` } }),
      );
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as { readonly type: string };
        if (message.type !== 'connection_ack') done(message);
        else send({ id: '1', type: 'subscribe', payload: { documentId: 'nothing' } });
      });
    });
    expect(answer).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'PERSISTED_DOCUMENT_NOT_FOUND' } }],
    });
  });

  const free = { query: 'subscription { decisionRecorded(cluster: "watched", after: "0") { id } }' };
  test.each([
    ['an unknown id', { documentId: 'nothing', query: '' }, 'PERSISTED_DOCUMENT_NOT_FOUND'],
    ['a query', { documentId: 'viewer', query: '' }, 'BAD_REQUEST'],
    ['a free document', free, 'PERSISTED_DOCUMENT_REQUIRED'],
  ])('of %s are refused where only persisted documents are answered', async (_, payload, code) => {
    expect(await first(strict, payload)).toMatchObject([{ extensions: { code } }]);
  });

  test('of a free document are taken beside the file', async () => {
    expect(await first(lenient, free)).toMatchObject({
      data: { decisionRecorded: { id: expect.any(String) as unknown } },
    });
  });
});
