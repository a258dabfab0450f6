import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Server as Protocol } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Connected, createWebSockets } from '../../src/graphql/web-sockets.js';
import { PodgateError } from '../../src/model/errors.js';
import { recordedLogger } from '../support/run-record.js';
import { ADMIN_TOKEN, at, type GraphqlApp, graphqlApp } from './app.js';

const INIT = { type: 'connection_init', payload: { authorization: `Bearer ${ADMIN_TOKEN}` } };

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port; // it listens on a port
}

const connections = (server: Server) => promisify(server.getConnections.bind(server))();

/** Opens a WebSocket; gives it with its connection, and what came over it. */
async function open(port: number) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  onTestFinished(() => socket.terminate());
  const messages: unknown[] = [];
  socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString())));
  const closed = once(socket, 'close').then(([code]: unknown[]) => code);
  const opened = once(socket, 'open');
  // The event's only argument is the response.
  const [{ socket: connection }] = (await once(socket, 'upgrade')) as [IncomingMessage];
  await opened;
  return { socket, connection, messages, closed };
}

describe('a WebSocket', () => {
  let graphql: GraphqlApp;
  let server: Server;
  beforeAll(async () => {
    graphql = await graphqlApp();
    server = createServer(graphql.app);
    graphql.attach(server);
    await listen(server);
  });
  afterAll(() => server.close());

  const consoles = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
  afterEach(() => {
    for (const spy of consoles) expect(spy).not.toHaveBeenCalled();
    expect(graphql.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  async function welcomed() {
    const opened = await open((server.address() as AddressInfo).port);
    opened.socket.send(JSON.stringify(INIT));
    await expect.poll(() => opened.messages).toEqual([{ type: 'connection_ack' }]);
    return opened;
  }

  /** Holds up whoever looks for a token; gives how many wait, and what lets them go on. */
  async function holdTokens() {
    const { pool } = graphql.services.database;
    const connection = await pool.connect();
    onTestFinished(() => connection.release());
    await connection.query('BEGIN; LOCK TABLE tokens IN ACCESS EXCLUSIVE MODE');
    const waiting = async () => {
      const sql = "SELECT FROM pg_locks WHERE relation = 'tokens'::regclass AND NOT granted";
      return (await pool.query(sql)).rowCount;
    };
    return { waiting, letGo: () => connection.query('COMMIT') };
  }

  test.each<[string, (socket: WebSocket) => void]>([
    ['breaks', (socket) => socket.terminate()],
    ['is closed', (socket) => socket.close()],
  ])('that %s while its token is looked up leaves no timer behind', async (_, end) => {
    const mutation = 'mutation { createToken(input: { name: "NAME", role: VIEWER }) { secret } }';
    const made = await graphql.run(mutation.replace('NAME', randomUUID()));
    const begun = vi.spyOn(globalThis, 'setInterval');
    const ended = vi.spyOn(globalThis, 'clearInterval');
    onTestFinished(() => {
      begun.mockRestore();
      ended.mockRestore();
    });
    const { socket, closed } = await open((server.address() as AddressInfo).port);
    const { waiting, letGo } = await holdTokens();
    const authorization = `Bearer ${String(at(made, 'createToken', 'secret'))}`;
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    await expect.poll(waiting).toBe(1);
    end(socket);
    await closed;
    await expect.poll(() => connections(server)).toBe(0);
    await letGo();
    await expect.poll(waiting).toBe(0);
    await sleep(200); // what was waited for is done
    // The pool has a quicker one, as long as a connection is in use.
    const timers = begun.mock.results.filter((_each, index) => Number(begun.mock.calls[index]?.[1]) > 1_000);
    expect(timers).not.toEqual([]);
    expect(ended.mock.calls.flat()).toEqual(expect.arrayContaining(timers.map(({ value }) => value)));
  });

  const subscribe = (payload: object, id = '1') => JSON.stringify({ type: 'subscribe', id, payload });
  const WATCH = { query: 'subscription { decisionRecorded(cluster: "nowhere") { id } }' };

  const HANDSHAKE = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
  };
  test.each([
    ['with a method that is none of it', 'POST', {}],
    ['without a proper key', 'GET', { 'Sec-WebSocket-Key': 'x' }],
    ['of a version that nobody knows', 'GET', { 'Sec-WebSocket-Version': '7' }],
    ['with protocols that are none', 'GET', { 'Sec-WebSocket-Protocol': ',,' }],
  ])('is not opened %s: the answer is a problem with its id', async (_, method, changed) => {
    const { port } = server.address() as AddressInfo;
    const headers = { ...HANDSHAKE, ...changed };
    const sent = request({ port, path: '/graphql', method, headers }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(400);
    expect(response.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'sec-websocket-version': '13',
    });
    const id = response.headers['x-request-id'];
    expect(await json(response)).toMatchObject({
      status: 400,
      instance: `urn:podgate:request:${String(id)}`,
    });
  });

  test('is not opened with more headers than any request may have', async () => {
    const { port } = server.address() as AddressInfo;
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`a${index}`, 'b']));
    const sent = request({ port, path: '/graphql', headers: { ...many, ...HANDSHAKE } }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(await json(response)).toMatchObject({
      status: 413,
      detail: 'The request has more than 100 headers',
    });
  });

  test.each<[string, number, readonly (string | Buffer)[]]>([
    ['a frame that is none', 1002, [Buffer.from([0xff, 0x00])]],
    [
      'a frame that says it is larger than all there is',
      1009,
      [Buffer.from([0x81, 0xff, ...Array(8).fill(0x7f)])],
    ],
    ['a message of a server', 4400, ['{"type":"connection_ack"}']],
    ['an id twice that no closing frame holds', 4409, [0, 0].map(() => subscribe(WATCH, 'x'.repeat(200)))],
  ])('is closed for %s with %i, and nobody is told of a failure', async (_, code, pieces) => {
    const { socket, connection, closed } = await welcomed();
    for (const piece of pieces) {
      if (typeof piece === 'string') socket.send(piece);
      else connection.write(piece);
    }
    expect(await closed).toBe(code);
  });

  test.each([
    ['a text that is no operation', { query: 'subscription {' }, 'GRAPHQL_PARSE_FAILED'],
    [
      'a variable of another type',
      {
        query: 'subscription ($after: String) { decisionRecorded(cluster: "nowhere", after: $after) { id } }',
        variables: { after: {} },
      },
      'BAD_USER_INPUT',
    ],
  ])('takes %s for the mistake of the client', async (_, payload, code) => {
    const { socket, messages } = await welcomed();
    socket.send(subscribe(payload));
    await expect.poll(() => JSON.stringify(messages)).toContain('"code"');
    const [, answer] = messages as readonly { readonly payload: unknown }[];
    expect(JSON.stringify(answer?.payload)).toContain(`"extensions":{"code":"${code}"}`);
  });
});

describe('over WebSockets', () => {
  /** A server whose protocol does this with each message. */
  async function serving(take: (text: string, send: (text: string) => unknown) => Promise<void>) {
    const protocol: Protocol<Connected> = {
      opened(socket) {
        socket.onMessage((text) => take(text, (answer) => socket.send(answer)));
        return async () => {};
      },
    };
    const logged: string[] = [];
    const logger = recordedLogger('info', (line) => void logged.push(String(JSON.parse(line).level)));
    const webSockets = createWebSockets(protocol, logger);
    const server = createServer();
    server.on('upgrade', (request, socket, head) =>
      webSockets.server.handleUpgrade(request, socket, head, (opened) =>
        webSockets.server.emit('connection', opened, request),
      ),
    );
    onTestFinished(() => void server.close());
    return { port: await listen(server), logged, stop: webSockets.stop };
  }

  test.each<[string, Error, number, readonly string[]]>([
    ['a token that counts no more', new PodgateError('UNAUTHENTICATED', 'no'), 4403, []],
    ['a database that is away', new PodgateError('UNAVAILABLE', 'away '.repeat(40)), 1013, ['warn']],
    ['anything else', new Error('secret'), 4500, ['error']],
  ])('%s ends the connection with a code of its own', async (_, error, code, levels) => {
    const { port, logged } = await serving(() => Promise.reject(error));
    const { socket, closed } = await open(port);
    socket.send('x');
    expect(await closed).toBe(code);
    expect(logged).toEqual(levels);
  });

  test('nothing more is read of a client that does not read its answers', async () => {
    const message = JSON.stringify('x'.repeat(60_000));
    let taken = 0;
    const { port } = await serving(async (text, send) => {
      taken += 1;
      await send(text);
    });
    const { socket, messages } = await open(port);
    socket.pause();
    for (let index = 0; index < 1_000; index += 1) socket.send(message);
    let before = -1;
    await expect
      .poll(() => [before, (before = taken)], { interval: 300 })
      .toSatisfy(([a, b]) => a === b && b > 0);
    expect(taken).toBeLessThan(500);
    socket.resume();
    await expect.poll(() => messages.length, { timeout: 10_000 }).toBe(1_000);
  });

  test('a stop says good-bye', async () => {
    const { port, stop } = await serving(async () => {});
    const { closed } = await open(port);
    await stop();
    expect(await closed).toBe(1001);
  });
});
