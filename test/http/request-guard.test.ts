import { once } from 'node:events';
import { type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpServer } from '../../src/http/server-limits.js';
import { harness } from './harness.js';

let server: Server;
beforeAll(async () => {
  const { app } = harness((_request, response) => void response.json({ served: true }));
  server = createHttpServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

async function get(path: string, setHost: boolean, headers = {}): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo; // it listens on a port
  const sent = request({ port, path, setHost, headers }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

test.each([
  ['without a Host header', '/', false, 'The request has no Host header'],
  ['with a NUL in its URL', '/a%00b', true, 'The URL contains a NUL character (%00)'],
])('a request %s is refused with a problem and its id', async (_, path, setHost, detail) => {
  const response = await get(path, setHost);
  expect(response.headers['content-type']).toContain('application/problem+json');
  const id = response.headers['x-request-id'];
  expect(await json(response)).toMatchObject({
    status: 400,
    detail,
    instance: `urn:podgate:request:${String(id)}`,
  });
});

test('any other is served', async () => {
  expect(await json(await get('/', true))).toEqual({ served: true });
});

test.each([
  [100, { served: true }],
  [101, { status: 413, title: 'The request is too large', detail: 'The request has more than 100 headers' }],
  [900, { status: 413 }],
])('of a request with %i headers the answer is %o', async (count, answer) => {
  // Node adds Host and Connection.
  const headers = Array.from({ length: count - 2 }, (_, index) => [`a${index}`, 'b']);
  expect(await json(await get('/', true, Object.fromEntries(headers)))).toMatchObject(answer);
});
