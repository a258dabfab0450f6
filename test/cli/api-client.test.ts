import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ApiClient, ApiError, createApiClient } from '../../src/cli/api-client.js';

/** A server that answers the first, second … request so; the last one again and again. */
async function serverThat(...answers: readonly [RequestListener, ...RequestListener[]]) {
  let requests = 0;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests, answers.length - 1)];
    requests += 1;
    answer?.(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  // A server that listens on a host and a port has an address with a port.
  const { port } = server.address() as AddressInfo;
  const client = createApiClient(`http://127.0.0.1:${port}/base`, 'secret', { pauses: [1, 1] });
  return { client, requests: () => requests };
}

const ok: RequestListener = (request, response) =>
  response.end(JSON.stringify({ path: request.url, authorization: request.headers.authorization }));
const cut: RequestListener = (request) => request.socket.destroy();
const cutInTheMiddle: RequestListener = (request, response) => {
  response.writeHead(200, { 'content-length': '100' }).write('{');
  setTimeout(() => request.socket.destroy(), 20);
};
const status =
  (code: number, body = '', headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end(body);

async function failure(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error('expected an ApiError', { cause: error });
  return error;
}

describe('the API client', () => {
  it('calls paths below the base address with the token', async () => {
    const { client } = await serverThat(ok);
    expect(await client.get('/v1/x?a=b')).toEqual({ path: '/base/v1/x?a=b', authorization: 'Bearer secret' });
  });

  it('keeps integers beyond 2^53 exact', async () => {
    const { client } = await serverThat(status(200, '{"n":9223372036854775807}'));
    expect(await client.get('/')).toEqual({ n: 9223372036854775807n });
  });

  it('makes a call again whose connection was cut', async () => {
    const { client, requests } = await serverThat(cut, cutInTheMiddle, ok);
    await client.get('/');
    expect(requests()).toBe(3);
  });

  it('makes a call again when the server says that it is busy', async () => {
    const { client, requests } = await serverThat(status(503, '', { 'retry-after': '0' }), status(429), ok);
    await client.post('/', 'application/json', '{}', 'key');
    expect(requests()).toBe(3);
  });

  it('gives up after three attempts and says that the connection was cut', async () => {
    const { client, requests } = await serverThat(cut);
    const error = await failure(client.get('/'));
    expect([error.status, error.cut, requests()]).toEqual([null, true, 3]);
    expect(error.message).toContain('the connection was cut');
  });

  it.each<[string, (client: ApiClient) => Promise<unknown>]>([
    ['would be done twice', (client) => client.post('/', 'application/json', '{}')],
    ['would meet what it has saved itself', (client) => client.put('/', 'application/json', '{}', '"1"')],
  ])('makes a call that %s again only where the server has not begun with it', async (_what, call) => {
    for (const answer of [cut, cutInTheMiddle, status(503, '', { 'retry-after': '0' })]) {
      const lost = await serverThat(answer, ok);
      await failure(call(lost.client));
      expect(lost.requests()).toBe(1);
    }
    const { client, requests } = await serverThat(status(429, '', { 'retry-after': '0' }), ok);
    await call(client);
    expect(requests()).toBe(2);
  });

  it('tells a problem with all its places', async () => {
    const problem = {
      title: 'Invalid',
      detail: 'Not every object is a valid pod',
      errors: [{ message: 'is required', line: 3, column: 5, pointer: '/spec' }],
    };
    const { client, requests } = await serverThat(status(422, JSON.stringify(problem)));
    const error = await failure(client.get('/'));
    expect(error.message).toBe('Not every object is a valid pod (422)');
    expect(error.details).toEqual(['line 3, column 5: /spec: is required']);
    expect([error.blamesInput, requests()]).toEqual([true, 1]);
  });

  it.each([
    ['a page of a proxy', status(502, '<html>'), 'the server answered with status 502 (502)'],
    ['something else than JSON', status(200, 'hello'), 'the answer is not JSON'],
    ['a problem with control characters', status(403, '{"detail":"no\\u001b[31m"}'), 'no\\u001b[31m (403)'],
  ])('answers %s with a clear line', async (_what, answer, said) => {
    const { client } = await serverThat(answer);
    expect((await failure(client.get('/'))).message).toContain(said);
  });

  it('says of what it has put together itself what is wrong, without places and only once', async () => {
    const refuse = (detail: string, ...errors: readonly object[]) =>
      status(422, JSON.stringify({ detail, errors }), { 'content-type': 'application/problem+json' });
    const place = { line: 1, column: 2 };
    const { client } = await serverThat(
      refuse('The body is not valid', { ...place, pointer: '/a', field: 'a', message: 'must be 1 at least' }),
      refuse('name is taken', { ...place, pointer: '/name', field: 'name', message: 'name is taken' }),
    );
    const { message, details } = await failure(client.putJson('/', {}));
    expect([message, details]).toEqual(['The body is not valid (422)', ['a: must be 1 at least']]);
    const second = await failure(client.postJson('/', {}));
    expect([second.message, second.details]).toEqual(['name is taken (422)', []]);
  });

  it('says that an address without TLS may begin with http', async () => {
    const server = createServer(ok).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo; // it listens on a port
    const error = await failure(createApiClient(`https://127.0.0.1:${port}`, 'x', { pauses: [] }).get('/'));
    expect(error.message).toContain('it speaks no TLS: is the address http://?');
  });

  it('says that a server can not be reached', async () => {
    const error = await failure(createApiClient('http://127.0.0.1:1', 'x', { pauses: [] }).get('/'));
    expect([error.status, error.cut]).toEqual([null, false]);
    expect(error.message).toContain('http://127.0.0.1:1: can not be reached');
  });
});
