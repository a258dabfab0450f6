import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { VerifyInTurn } from '../../src/operations/decisions/verify-in-turn.js';
import { ADMIN_TOKEN, pod, testApp } from './app.js';

const { app, services, admin } = await testApp();
await admin.put('/v1/clusters/prod').send({});
for (const name of ['a', 'b', 'c']) await admin.post('/v1/clusters/prod/evaluate').send(pod(name));

const server = createServer(app);
beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
afterAll(() => server.close());

const { verifyInTurn } = services;
afterEach(() => void Object.assign(services, { verifyInTurn }));

const inGraphql = (count: number) => {
  const fields = Array.from({ length: count }, (_, index) => `v${index}: verification { valid checked }`);
  return { query: `{ cluster(name: "prod") { ${fields.join(' ')} } }` };
};

describe('verifying the log of a cluster', () => {
  it.each([
    ['over REST', 'GET', '/v1/clusters/prod/decisions/verify', ''],
    ['with GraphQL', 'POST', '/graphql', JSON.stringify(inGraphql(1))],
  ])('%s ends when the client goes away', async (_, method, path, body) => {
    let arrived: () => void = () => {};
    let goOn: () => void = () => {};
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const outcome = new Promise((resolve) => {
      const late: VerifyInTurn = async (principal, verify) => {
        arrived();
        await gate;
        const run = verifyInTurn(principal, verify);
        resolve(
          run.then(
            () => 'verified',
            (error: unknown) => error,
          ),
        );
        return run;
      };
      Object.assign(services, { verifyInTurn: late });
    });
    const { port } = server.address() as AddressInfo; // it listens on a port
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
    const sent = request({ port, method, path, headers }).end(body);
    sent.on('error', () => {}); // it is the client that breaks the connection
    await arrival;
    sent.destroy();
    await expect.poll(() => connections()).toBe(0);
    goOn();
    expect(await outcome).toMatchObject({ code: 'TIMEOUT' });
  });

  async function connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );
  }

  it('runs once at a time with a token, over REST and with GraphQL together', async () => {
    let running = 0;
    let most = 0;
    const watched: VerifyInTurn = (principal, verify) =>
      verifyInTurn(principal, async () => {
        running += 1;
        most = Math.max(most, running);
        return verify().finally(() => void (running -= 1));
      });
    Object.assign(services, { verifyInTurn: watched });
    const verify = () => admin.get('/v1/clusters/prod/decisions/verify');
    const answers = await Promise.all([verify(), admin.post('/graphql').send(inGraphql(2)), verify()]);
    expect(most).toBe(1);
    const whole = { valid: true, checked: 3 };
    expect(answers.map(({ body }) => body)).toMatchObject([
      whole,
      { data: { cluster: { v0: whole, v1: whole } } },
      whole,
    ]);
  });

  it('fits twice into an operation of GraphQL', async () => {
    const { status, body } = await admin.post('/graphql').send(inGraphql(3));
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ extensions: { limit: { name: 'cost' } } }]);
  });
});
