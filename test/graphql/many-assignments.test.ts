import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import request from 'supertest';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { appendTo, givenCluster, givenPolicyVersion, newDecision } from '../support/records.js';
import { ADMIN_TOKEN, type Answer, type GraphqlApp, graphqlApp } from './app.js';

const POLICIES = 130;
const CLUSTERS = ['many-a', 'many-b', 'many-c'];

let graphql: GraphqlApp;
beforeAll(async () => {
  graphql = await graphqlApp();
  const { database } = graphql.services;
  const [first] = await Promise.all(CLUSTERS.map((name) => givenCluster(database, name)));
  if (first !== undefined) await appendTo(database, first, newDecision(first));
  for (let index = 0; index < POLICIES; index += 1) await givenPolicyVersion(database, `p${index}`);
  await database.pool.query(`INSERT INTO assignments (id, cluster_id, policy_id, valid_from, created_by)
    SELECT gen_random_uuid(), clusters.id, policies.id, now(), 'test' FROM clusters, policies`);
}, 60_000);

const ROUND = 'assignments { policy { assignments { cluster { name';
/** Each assignment's policy's assignments, and those of their clusters: the cost knows of 20 in each list. */
const ROUND_AND_ROUND = `${ROUND} assignments { id } } } } }`;

async function ask(fields: string) {
  const response = await request(graphql.app)
    .post('/graphql')
    .set('Authorization', `Bearer ${ADMIN_TOKEN}`)
    .send({ query: `{ cluster(name: "many-a") { ${fields} } }` });
  return { status: response.status, body: response.body as Answer };
}

const TOO_MANY = {
  message: expect.stringMatching(
    /^The number of objects in the answer's lists is \d+, and at most 50000 is/,
  ) as unknown,
  extensions: { code: 'LIMIT_EXCEEDED', limit: { name: 'items', maximum: 50_000 } },
};

describe('lists without pages', () => {
  test('are answered whole while they are some thousand objects', async () => {
    const { status, body } = await ask(`${ROUND} } } } }`);
    expect(status).toBe(200);
    expect(body.errors).toBeUndefined();
    expect(JSON.stringify(body).match(/"name"/g)).toHaveLength(POLICIES * CLUSTERS.length);
  });

  test('end an operation that the cost let pass where they multiply, without half an answer', async () => {
    const { status, body } = await ask(ROUND_AND_ROUND);
    expect(status).toBe(400);
    expect(body.data).toBeNull();
    expect(body.errors).toHaveLength(1);
    expect(body.errors).toMatchObject([TOO_MANY]);
    expect(graphql.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('end an event of a subscription, too', async () => {
    const server = createServer(graphql.app);
    graphql.attach(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const client = createClient({
      url: `ws://127.0.0.1:${port}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${ADMIN_TOKEN}` },
      retryAttempts: 0,
    });
    onTestFinished(async () => {
      await client.dispose();
      server.close();
    });
    const query = `subscription { decisionRecorded(cluster: "many-a", after: "0") { cluster { ${ROUND_AND_ROUND} } } }`;
    const { value } = (await client.iterate({ query }).next()) as { value: unknown };
    expect(value).toMatchObject({ data: null, errors: [TOO_MANY] });
  });
});
