import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { Router } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBody } from '../../src/http/body.js';
import type { PodgateError } from '../../src/model/errors.js';
import { harness } from './harness.js';

const LIMIT = 1000;
const routes = Router();
const late: unknown[] = [];
routes.post('/late', async (req, res) => {
  await once(res, 'close');
  await readBody(req, LIMIT).then(
    () => late.push('read'),
    (error: PodgateError) => late.push(error.code),
  );
});
routes.post('/', async (req, res) => {
  const body = await readBody(req, LIMIT);
  res.json({ size: body.length, text: body.subarray(0, 20).toString() });
});
const { app, lines } = harness(routes);

const small = Buffer.from('hello');
const bomb = Buffer.alloc(5_000_000);

describe('a body', () => {
  it.each([
    ['as it is', small, undefined, 200],
    ['gzip', gzipSync(small), 'gzip', 200],
    ['gzip in capitals', gzipSync(small), 'GZIP', 200],
    ['deflate', deflateSync(small), 'deflate', 200],
    ['br', brotliCompressSync(small), 'br', 200],
    ['exactly at the limit', Buffer.alloc(LIMIT, 'h'), undefined, 200],
    ['one byte over the limit', Buffer.alloc(LIMIT + 1), undefined, 413],
    ['far over the limit', bomb, undefined, 413],
    ['a gzip bomb', gzipSync(bomb), 'gzip', 413],
    ['a brotli bomb', brotliCompressSync(bomb), 'br', 413],
    ['gzip that is broken', Buffer.from('not gzip'), 'gzip', 400],
    ['gzip that is cut', gzipSync(small).subarray(0, 12), 'gzip', 400],
    ['an encoding nobody knows', small, 'zstd', 415],
    ['two encodings', small, 'gzip, br', 415],
    ['an encoding named like a member of every object', small, 'constructor', 415],
  ])('%s', async (_name, body, encoding, status) => {
    const pending = request(app).post('/').set('Content-Type', 'application/octet-stream');
    if (encoding !== undefined) pending.set('Content-Encoding', encoding);
    const response = await pending.send(body);
    expect(response.status).toBe(status);
    if (status === 200 && body.length < LIMIT) expect(response.body).toEqual({ size: 5, text: 'hello' });
  });

  it('is empty where none was sent', async () => {
    expect((await request(app).post('/')).body).toEqual({ size: 0, text: '' });
  });
});

describe('an upload on the wire', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const open = () => connect((server.address() as AddressInfo).port, '127.0.0.1');

  it('larger than it says is refused while it still comes in', async () => {
    const socket = open();
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    const feeding = setInterval(() => socket.write(`400\r\n${'x'.repeat(1024)}\r\n`), 5);
    const answer = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(data.toString())),
    );
    clearInterval(feeding);
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it.each(['identity', 'gzip'])(
    'that is cut off (%s) leaves a line with 499 and nothing else',
    async (encoding) => {
      const id = `cut-off-${encoding}`;
      const socket = open();
      socket.write(
        `POST / HTTP/1.1\r\nHost: a\r\nX-Request-Id: ${id}\r\nContent-Encoding: ${encoding}\r\nContent-Length: 100\r\n\r\n\u001f`,
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
      socket.destroy();
      await expect
        .poll(() => lines().filter((line) => line['requestId'] === id))
        .toMatchObject([{ status: 499 }]);
    },
  );

  it.each([
    ['that was cut off', 'identity', 100],
    ['that was cut off (gzip)', 'gzip', 100],
    ['that had come as a whole', 'identity', 1],
  ])('%s is refused at once where the client has gone before it is read', async (_, encoding, length) => {
    late.length = 0;
    const socket = open();
    socket.write(
      `POST /late HTTP/1.1\r\nHost: a\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${length}\r\n\r\n\u001f`,
    );
    await sleep(50);
    socket.destroy();
    await expect.poll(() => late).toEqual(['MALFORMED']);
  });
});
