import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { podYaml } from '../support/operation-context.js';
import { ADMIN_TOKEN, at, type GraphqlApp, graphqlApp } from './app.js';

let graphql: GraphqlApp;
let server: Server;
beforeAll(async () => {
  graphql = await graphqlApp();
  server = createServer(graphql.app);
  graphql.attach(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  await graphql.run('mutation { saveCluster(input: { name: "prod" }) { created } }');
});
afterAll(() => server.close());

const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

function connect(token = ADMIN_TOKEN): Client {
  const { port } = server.address() as AddressInfo;
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  clients.push(client);
  return client;
}

const watch = (variables: object, token?: string) =>
  connect(token).iterate<{ decisionRecorded: { sequence: string; object: { name: string } } }>({
    query: `subscription ($cluster: String! $after: String $filter: DecisionFilter) {
      decisionRecorded(cluster: $cluster, after: $after, filter: $filter) { sequence object { name } cluster { name } } }`,
    variables: { cluster: 'prod', ...variables },
  });

async function evaluate(...names: readonly string[]): Promise<void> {
  const manifests = names.map((name) => podYaml(name)).join('---\n');
  const mutation =
    'mutation ($m: String!) { evaluatePods(input: { cluster: "prod", manifests: $m }) { userErrors { message } } }';
  const answer = await graphql.run(mutation, { m: manifests });
  expect(at(answer, 'evaluatePods', 'userErrors')).toEqual([]);
}

async function take(events: AsyncIterableIterator<unknown>, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  for (let index = 0; index < count; index += 1) {
    const { value } = (await events.next()) as {
      value: { data?: { decisionRecorded: unknown }; errors?: unknown };
    };
    taken.push(value.data?.decisionRecorded ?? value.errors);
  }
  return taken;
}

describe('watching the decisions of a cluster', () => {
  test('begins after a sequence, goes on with what is recorded, and gives each once and in order', async () => {
    await evaluate('one', 'two', 'three');
    const events = watch({ after: '1' });
    expect(await take(events, 2)).toMatchObject([{ object: { name: 'two' } }, { object: { name: 'three' } }]);
    const later = take(events, 2);
    await evaluate('four');
    await evaluate('five');
    expect(await later).toEqual([
      { sequence: '4', object: { name: 'four' }, cluster: { name: 'prod' } },
      { sequence: '5', object: { name: 'five' }, cluster: { name: 'prod' } },
    ]);
  });

  test('begins with what comes from now on where nothing else is said', async () => {
    const events = watch({});
    const next = take(events, 1);
    const isTold = () => Promise.race([next.then(() => true), sleep(50).then(() => false)]);
    do await evaluate('now');
    while (!(await isTold())); // it may not have begun yet
    expect(await next).toMatchObject([{ object: { name: 'now' } }]);
  });

  test('gives only what the filter wants', async () => {
    const events = watch({ after: '0', filter: { name: 'two' } });
    expect(await take(events, 1)).toMatchObject([{ sequence: '2', object: { name: 'two' } }]);
  });

  test('misses nothing with a reader that is slower than the log', async () => {
    const names = Array.from({ length: 250 }, (_, index) => `slow-${index}`);
    const events = watch({ after: '0', filter: { actor: 'admin' } });
    const first = await take(events, 1);
    await evaluate(...names);
    const rest = await take(events, 5 + 250);
    const sequences = [...first, ...rest].map((each) => Number((each as { sequence: string }).sequence));
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  });

  test('ends with its token: what is recorded a second after it was revoked is not sent', async () => {
    const made = await graphql.run(
      'mutation { createToken(input: { name: "watcher", role: VIEWER }) { secret token { id } } }',
    );
    const events = watch({ after: '0' }, String(at(made, 'createToken', 'secret')));
    await take(events, 1);
    const id = at(made, 'createToken', 'token', 'id');
    await graphql.run('mutation ($id: ID!) { revokeToken(input: { id: $id }) { userErrors { code } } }', {
      id,
    });
    await new Promise((done) => setTimeout(done, 1_100));
    await evaluate('after-the-revocation');
    const rest: unknown[] = [];
    const end = (async () => {
      for await (const { data } of events) rest.push(data?.decisionRecorded.object.name);
    })();
    await expect(end).rejects.toMatchObject({ code: 4403 });
    expect(rest).not.toContain('after-the-revocation');
  });

  test.each([
    ['an unknown cluster', { cluster: 'nowhere' }, 'NOT_FOUND'],
    ['what is no sequence', { after: 'x' }, 'INVALID'],
  ])('is refused for %s', async (_, variables, code) => {
    expect(await take(watch(variables), 1)).toMatchObject([[{ extensions: { code } }]]);
  });

  test('is refused without a good token', async () => {
    await expect(watch({}, 'wrong').next()).rejects.toMatchObject({ code: 4403 });
  });

  test('is refused beyond the limit of wrong tokens', async () => {
    const attempts = Array.from({ length: 101 }, () =>
      watch({}, 'wrong')
        .next()
        .catch((error: { code: number }) => error.code),
    );
    const codes = new Set(await Promise.all(attempts));
    expect(codes).toEqual(new Set([4403, 4429]));
    await evaluate('still');
    expect(await take(watch({ after: '0' }), 1)).toMatchObject([{ sequence: '1' }]);
  });

  test('takes subscriptions only, within the limits', async () => {
    const errors = (query: string) =>
      connect()
        .iterate({ query })
        .next()
        .catch((error: unknown) => error);
    expect(await errors('{ viewer { actor } }')).toMatchObject([
      { message: expect.stringContaining('POST') },
    ]);
    const deep = `subscription { decisionRecorded(cluster: "prod") ${'{ cluster { decisions(first: 100) { nodes '.repeat(6)} { id } ${'} } }'.repeat(6)} }`;
    expect(await errors(deep)).toMatchObject([{ message: expect.stringMatching(/deep|depth|cost/i) }]);
  });
});

test.each(['/graphql', '/elsewhere'])(
  'a connection that breaks while a WebSocket is opened at %s ends nothing but itself',
  async (url) => {
    const socket = new Duplex({
      read() {},
      write: (_chunk, _encoding, done) => done(new Error('write ECONNRESET')),
    });
    const closed = new Promise((done) => socket.once('close', done));
    server.emit(
      'upgrade',
      { url, headers: { upgrade: 'websocket' }, rawHeaders: ['Upgrade', 'websocket'], socket, method: 'GET' },
      socket,
      Buffer.alloc(0),
    );
    await closed; // an error that nobody hears would fail the run
    expect(socket.destroyed).toBe(true);
  },
);
