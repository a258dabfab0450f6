import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { beforeAll, afterAll, expect, onTestFinished, test } from 'vitest';
import { makeCertificate } from '../../src/cli/certificate/make-certificate.js';
import { createWebhookServer, type WebhookServer } from '../../src/webhook/server.js';

const folder = mkdtempSync(join(tmpdir(), 'podgate-authorities-'));
const make = (holder: 'server' | 'client') =>
  makeCertificate({ hosts: ['127.0.0.1'], holder, notBefore: new Date(), days: 1 });
const [listener, former, next] = [make('server'), make('client'), make('client')];
const clientCa = join(folder, 'client-ca.crt');

let server: WebhookServer;
/** Those whose path is /later are answered when the test says so. */
const later: ServerResponse[] = [];

beforeAll(async () => {
  const tls = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key'), clientCa };
  writeFileSync(tls.cert, listener.certificate);
  writeFileSync(tls.key, listener.key);
  writeFileSync(clientCa, former.authority);
  server = await createWebhookServer({ host: '127.0.0.1', port: 0, tls }, ({ socket, url }, response) => {
    response.statusCode = socket instanceof TLSSocket && socket.authorized ? 200 : 401;
    if (url === '/later') later.push(response);
    else response.end();
  });
  await server.start();
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** A client that holds a certificate and keeps its connection, as API servers do. */
function client({ certificate: cert, key }: { certificate: string; key: string }) {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    cert,
    key,
    ca: listener.authority,
  });
  onTestFinished(() => agent.destroy());
  const ask = async (path = '/') => {
    const sent = request(`${server.address()}${path}`, { agent }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return { status: answer.statusCode, isOld: sent.reusedSocket };
  };
  return {
    ask,
    connections: () => Object.keys(agent.sockets).length + Object.keys(agent.freeSockets).length,
  };
}

test('an open connection ends with the authority of its certificate, after the answer that it waits for', async () => {
  const [idle, busy] = [client(former), client(former)];
  expect([await idle.ask(), await idle.ask()]).toEqual([
    { status: 200, isOld: false },
    { status: 200, isOld: true },
  ]);
  const answer = busy.ask('/later');
  await expect.poll(() => later).toHaveLength(1);

  writeFileSync(clientCa, next.authority);
  await server.reloadCertificate();
  later[0]?.end();
  expect(await answer).toMatchObject({ status: 200 });
  await expect.poll(() => idle.connections() + busy.connections()).toBe(0);
  expect(await idle.ask()).toEqual({ status: 401, isOld: false });
  expect(await busy.ask()).toEqual({ status: 401, isOld: false });

  const known = client(next);
  await known.ask();
  await server.reloadCertificate();
  expect(await known.ask()).toEqual({ status: 200, isOld: true }); // where nothing has changed it stays
});
