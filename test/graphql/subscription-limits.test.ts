import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import request from 'supertest';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { RateLimitSettings } from '../../src/http/rate-limits.js';
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
  const post = () =>
    request(server)
      .post('/graphql')
      .set('Authorization', `Bearer ${ADMIN_TOKEN}`)
      .send({ query: '{ viewer { actor } }' });
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
