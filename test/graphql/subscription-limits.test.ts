import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import request from 'supertest';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createOpenSubscriptions, MOST_SUBSCRIPTIONS } from '../../src/graphql/open-subscriptions.js';
import type { RateLimitSettings } from '../../src/http/rate-limits.js';
import { podYaml } from '../support/operation-context.js';
import { ADMIN_TOKEN, graphqlApp } from './app.js';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function limited(settings: Partial<RateLimitSettings>) {
  const graphql = await graphqlApp({}, { perAddress: null, perToken: null, ...settings });
  const server = createServer(graphql.app);
  servers.push(server);
  graphql.attach(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  const post = (query = '{ viewer { actor } }') =>
    request(server).post('/graphql').set('Authorization', `Bearer ${ADMIN_TOKEN}`).send({ query });
  return { url, post };
}

function connect(url: string) {
  const connectionParams = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
  });
  onTestFinished(() => void client.dispose());
  return client;
}

const UNKNOWN = { query: 'subscription { decisionRecorded(cluster: "nowhere") { sequence } }' };

describe('open subscriptions', () => {
  const by = (actor: string) => ({ actor, tokenId: null, role: 'VIEWER', clusters: null }) as const;

  test('are limited over one connection: the next is refused, and the others go on', async () => {
    const { url, post } = await limited({});
    await post('mutation { saveCluster(input: { name: "prod" }) { created } }');
    const client = connect(url);
    // From the log's beginning: a subscription that starts after the decision was recorded is told of it all the same.
    const query = 'subscription { decisionRecorded(cluster: "prod", after: "0") { sequence } }';
    const opened = Array.from({ length: MOST_SUBSCRIPTIONS.perConnection }, () => client.iterate({ query }));
    const first = opened.map((each) => each.next());
    const refusal = client.iterate({ query }).next();
    await expect(refusal).rejects.toMatchObject([
      {
        message: 'More than 100 subscriptions at a time over this connection',
        extensions: { code: 'TOO_MANY_REQUESTS' },
      },
    ]);
    await opened[0]?.return?.();
    await first[0];
    const again = client.iterate({ query });
    const answer = again.next();
    await post(
      `mutation { evaluatePods(input: { cluster: "prod", manifests: ${JSON.stringify(podYaml('a'))} }) { userErrors { code } } }`,
    );
    const told = { value: { data: { decisionRecorded: { sequence: '1' } } } };
    expect(await answer).toMatchObject(told);
    expect(await first[1]).toMatchObject(told);
  });

  test('are limited with one token over all its connections, until they are closed', () => {
    const open = createOpenSubscriptions({ perConnection: 2, perToken: 3 });
    const [a, b] = [{ subscriptions: { 1: null, 2: null } }, { subscriptions: { 1: null } }];
    const c: { subscriptions: Record<string, unknown> } = { subscriptions: { 1: null } };
    const most = (code: string) => ({ code: 'TOO_MANY_REQUESTS', message: `More than ${code}` });
    for (const id of ['1', '2']) expect(open.admit(a, id, by('ann'))).toBeNull();
    expect(open.admit(a, '3', by('ann'))).toMatchObject(
      most('2 subscriptions at a time over this connection'),
    );
    expect(open.admit(b, '1', by('ann'))).toBeNull();
    expect(open.admit(c, '1', by('ann'))).toMatchObject(most('3 subscriptions at a time with this token'));
    expect(open.admit(c, '1', by('bob'))).toBeNull();
    open.forget(b);
    expect(open.admit(c, '1', by('ann'))).toBeNull();
    delete c.subscriptions['1'];
    expect(open.admit(b, '1', by('ann'))).toBeNull();
  });
});

describe('rate limits of subscriptions', () => {
  test('count connections of an address, and refuse them as any request', async () => {
    const { url, post } = await limited({ perAddress: 1 });
    const answer = await post();
    expect(answer.headers['ratelimit']).toBe('"address"; r=0; t=60');
    const refusal = await new Promise<{ status: number | undefined; retryAfter: string | undefined }>(
      (done) => {
        new WebSocket(url, 'graphql-transport-ws').once(
          'unexpected-response',
          (_request, { statusCode, headers }) =>
            done({ status: statusCode, retryAfter: headers['retry-after'] }),
        );
      },
    );
    expect(refusal.status).toBe(429);
    expect(Number(refusal.retryAfter)).toBeGreaterThan(50);
    expect((await post()).status).toBe(429);
  });

  test('count a connection and each operation of a token', async () => {
    const { url, post } = await limited({ perToken: 2 });
    const client = connect(url);
    const subscribe = () =>
      client
        .iterate(UNKNOWN)
        .next()
        .catch((error: unknown) => error);
    expect(await subscribe()).toMatchObject({ value: { errors: [{ extensions: { code: 'NOT_FOUND' } }] } });
    expect(await subscribe()).toMatchObject([{ extensions: { code: 'TOO_MANY_REQUESTS' } }]);
    await expect(connect(url).iterate(UNKNOWN).next()).rejects.toMatchObject({ code: 4429 });
    expect((await post()).status).toBe(429);
  });
});
