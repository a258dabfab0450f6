import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { createHttpServer, SERVER_LIMITS } from '../../src/http/server-limits.js';

let server: Server;
beforeAll(async () => {
  server = createHttpServer(({ rawHeaders }, response) => {
    response.end(`served ${rawHeaders.length / 2} headers`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function write(socket: Socket, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    socket.write(text);
    await sleep(20);
  }
}

function send(...texts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(
      (server.address() as AddressInfo).port,
      '127.0.0.1',
      () => void write(socket, texts),
    );
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('close', () => resolve(Buffer.concat(chunks).toString()));
  });
}

test('the server has the limits that it is made with', () => {
  const names = ['headersTimeout', 'requestTimeout', 'keepAliveTimeout', 'maxConnections'] as const;
  for (const name of names) expect([name, server[name]]).toEqual([name, SERVER_LIMITS[name]]);
});

describe('what is not a proper HTTP request', () => {
  it.each([
    ['garbage', 'hello\r\n\r\n', 400],
    ['a control character in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: \u0001\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    [
      'a length beside chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a head beyond its limit', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 413],
  ])('%s is refused with a problem and the connection closed', async (_name, text, status) => {
    const answer = await send(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status });
  });

  it('is answered also while more of it comes, without resetting the connection', async () => {
    const more = Array.from({ length: 5 }, () => 'x'.repeat(10_000));
    expect(await send('hello\r\n\r\n', ...more)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

test('an expectation that nobody understands is ignored', async () => {
  const answer = await send('GET / HTTP/1.1\r\nHost: a\r\nExpect: foo\r\nConnection: close\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*served 3 headers$/);
});

test('no header is left out, however many there are', async () => {
  const headers = Array.from({ length: 900 }, (_, index) => `a${index}: b\r\n`).join('');
  const answer = await send(`GET / HTTP/1.1\r\nHost: a\r\n${headers}Connection: close\r\n\r\n`);
  expect(answer).toMatch(/served 902 headers$/);
});
