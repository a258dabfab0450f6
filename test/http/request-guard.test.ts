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

async function get(path: string, setHost: boolean): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo; // it listens on a port
  const [response] = (await once(request({ port, path, setHost }).end(), 'response')) as [IncomingMessage];
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
