import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guardUpgrades } from '../../src/http/guard-upgrades.js';
import { createHttpServer } from '../../src/http/server-limits.js';
import { serveWithoutUpgrade } from '../../src/http/without-upgrade.js';

const server = createHttpServer((request, response) => {
  // Where the body is none, the connection has been refused.
  const arrived = text(request).catch(() => '');
  void arrived.then((body) => {
    const { method, url, headers, rawHeaders } = request;
    const answer = () => response.end(JSON.stringify({ method, url, headers, rawHeaders, body }));
    if (url === '/later') setTimeout(answer, 100);
    else answer();
  });
});
guardUpgrades(server, (request, socket, head) => serveWithoutUpgrade(server, request, socket, head));
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** What the server answers to a text, of which the client sends each part a little later; the JSON bodies. */
async function answers(...parts: readonly (string | Buffer)[]): Promise<unknown[]> {
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

/** What is told of each answer: what arrived but for the headers that differ, or the problem. */
async function told(request: string): Promise<unknown[]> {
  const bodies = (await answers(Buffer.from(request, 'latin1'))) as Readonly<Record<string, unknown>>[];
  return bodies.map(({ method, url, rawHeaders, body, status, detail }) => {
    const raw = (rawHeaders ?? []) as readonly string[];
    const pairs = raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1]]] : []));
    const others = pairs.filter(([name]) => name?.toLowerCase() !== 'connection');
    return { method, url, headers: others, body, status, detail };
  });
}

const NEXT = 'GET /next HTTP/1.1\r\nHost: h\r\n\r\n';
const CHUNKS = '4\r\nabcd\r\n0\r\n\r\n';

describe('a head is understood as if it asked for nothing else', () => {
  test.each([
    ['a length', 'Content-Length: 4\r\n', `abcd${NEXT}`],
    ['a length of nothing', 'Content-Length: 0\r\n', NEXT],
    ['no length', '', NEXT],
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 4\r\n', `abcd${NEXT}`],
    ['a list of lengths', 'Content-Length: 4, 4\r\n', `abcd${NEXT}`],
    ['a length with a sign', 'Content-Length: +4\r\n', `abcd${NEXT}`],
    ['a space behind the name', 'Content-Length : 4\r\n', `abcd${NEXT}`],
    ['a length beside chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', CHUNKS + NEXT],
    ['chunks beside a length', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', CHUNKS + NEXT],
    ['chunks', 'Transfer-Encoding: chunked\r\n', CHUNKS + NEXT],
    ['chunks twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', CHUNKS + NEXT],
    ['chunks at last', 'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n', CHUNKS + NEXT],
    ['chunks at first', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', CHUNKS + NEXT],
    ['another encoding', 'Transfer-Encoding: "chunked"\r\n', CHUNKS + NEXT],
    ['a folded length', 'Content-Length:\r\n 4\r\n', `abcd${NEXT}`],
    ['a length that goes on', 'Content-Length: 4\r\n 0\r\n', `abcd${NEXT}`],
    ['folded chunks', 'Transfer-Encoding: gzip,\r\n chunked\r\n', CHUNKS + NEXT],
    ['a folded header', 'X: a\r\n b\r\n', NEXT],
    ['a bare line feed', 'X: a\nContent-Length: 4\r\n', `abcd${NEXT}`],
    ['a bare carriage return', 'X: a\rContent-Length: 4\r\n', `abcd${NEXT}`],
    ['equal headers', 'X: 1\r\nx: 2\r\nX: 3\r\nHost: i\r\nAuthorization: a\r\nAuthorization: b\r\n', NEXT],
    ['empty headers', 'X:\r\nY: \r\nZ:z\r\n', NEXT],
    ['bytes beyond ASCII', 'X: \u00e9\u00a0\u0085\r\n', NEXT],
    [
      'options that are names of headers',
      'Connection: content-length\r\nContent-Length: 4\r\n',
      `abcd${NEXT}`,
    ],
    ['an end among several options', 'Connection: x\r\nConnection: y, close , z\r\n', ''],
    ['what only looks like an end', 'Connection: \u00a0close\r\n', NEXT],
  ])('%s', async (_, more, rest) => {
    const expected = await told(head('POST', more) + rest);
    expect(await told(head('POST', ASKED + more) + rest)).toEqual(expected);
    expect(await told(head('POST', more + ASKED) + rest)).toEqual(expected);
  });
});

describe('more headers than a request may have', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `a${index}: b\r\n`).join('');

  test('are refused, and nothing behind them is a request', async () => {
    const text = `${head('POST', `${ASKED}${many(150)}Content-Length: ${NEXT.length}\r\n`)}${NEXT}`;
    expect(await answers(text)).toMatchObject([
      { status: 413, detail: 'The request has more than 100 headers' },
    ]);
  });

  test('are counted with those of the upgrade', async () => {
    expect(await answers(head('POST', ASKED + many(96)))).toMatchObject([{ url: '/path?q=1' }]);
    expect(await answers(head('POST', ASKED + many(97)))).toMatchObject([{ status: 413 }]);
  });
});

test('requests that come one after the other are answered in their order', async () => {
  const expected = ['/later', '/path?q=1', '/later', '/later', '/path?q=1', '/next', '/path?q=1'];
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const later = head('GET').replace('/path?q=1', '/later');
  const asked = head('GET', ASKED);
  socket.write(later + asked + later + later + asked + NEXT + head('GET', `Connection: close\r\n${ASKED}`));
  const urls = (await buffer(socket)).toString().matchAll(/"url":"([^"]*)"/g);
  expect([...urls].map(([, url]) => url)).toEqual(expected);
});

test('a connection that breaks while an earlier answer is awaited harms nobody', async () => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(head('GET').replace('/path?q=1', '/later') + head('GET', ASKED));
  await new Promise((done) => setTimeout(done, 30));
  socket.resetAndDestroy();
  await new Promise((done) => setTimeout(done, 150));
  expect(await answers(head('GET', ASKED))).toHaveLength(1);
});
