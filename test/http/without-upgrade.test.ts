import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveWithoutUpgrade } from '../../src/http/without-upgrade.js';

const server = createServer((request, response) => {
  void text(request).then((body) => {
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, headers, body }));
  });
});
server.on('upgrade', (request, socket, head) => serveWithoutUpgrade(server, request, socket, head));
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** What the server answers to a text, of which the client sends each part a little later; the JSON bodies. */
async function answers(...parts: readonly string[]): Promise<unknown[]> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const received = buffer(socket);
  for (const part of parts) {
    socket.write(part);
    await new Promise((done) => setTimeout(done, 20));
  }
  socket.end();
  const bodies = (await received).toString().matchAll(/^(\{.*\})(?:HTTP|$)/gm);
  return [...bodies].map(([, body = '']): unknown => JSON.parse(body));
}

const ASKED = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n';
const head = (method: string, more = '') => `${method} /path?q=1 HTTP/1.1\r\nHost: h\r\n${more}\r\n`;

test.each([
  ['a request without a body', [head('GET', ASKED)], ['']],
  ['a body that comes with the head', [`${head('POST', `${ASKED}Content-Length: 4\r\n`)}abcd`], ['abcd']],
  ['a body that comes later', [head('POST', `${ASKED}Content-Length: 4\r\n`), 'ab', 'cd'], ['abcd']],
  [
    'a body in chunks',
    [head('POST', `${ASKED}Transfer-Encoding: chunked\r\n`), '2\r\nab\r\n', '2\r\ncd\r\n0\r\n\r\n'],
    ['abcd'],
  ],
  [
    'each of the requests that come one after the other',
    [`${head('POST', `${ASKED}Content-Length: 1\r\n`)}a`, head('GET', ASKED), head('GET')],
    ['a', '', ''],
  ],
])('%s is served as if it asked for nothing else', async (_, parts, bodies) => {
  const served = await answers(...parts);
  expect(served).toMatchObject(bodies.map((body) => ({ url: '/path?q=1', body, headers: { host: 'h' } })));
  for (const { headers } of served as { headers: object }[]) {
    expect(Object.keys(headers)).not.toContain('upgrade');
    expect(Object.keys(headers)).not.toContain('http2-settings');
  }
});

test('what the connection shall be besides stays as it was asked for', async () => {
  const asked = 'Connection: close, upgrade\r\nUpgrade: h2c\r\nX-Name: \u00e9\r\n';
  expect(await answers(head('GET', asked), head('GET'))).toMatchObject([
    { headers: { connection: 'close', 'x-name': '\u00c3\u00a9' } },
  ]);
});
