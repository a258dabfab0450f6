import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { TOKEN } from '../../failures/load.js';
import { attackCount, attackedServer, LONG, SEED, withstand } from './attacked-server.js';

/** What is written to a connection, and how it ends. */
interface RawConnection {
  readonly pieces: readonly string[];
  readonly end: 'half' | 'reset' | 'wait';
}

const path = fc.constantFrom(
  '/healthz',
  '/v1/policies',
  '/v1/clusters/prod/evaluate',
  '/graphql',
  '/',
  '*',
  '//',
  'http://x/v1/policies',
  '/%ff',
  '/\u0000',
  `/${'x'.repeat(20_000)}`,
);
const startLine = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'CONNECT', 'TRACE', 'PRI', 'get', 'G\u0000T', ''),
    path,
    fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', ''),
  )
  .map((parts) => parts.join(' '));
const header = fc.oneof(
  fc.constantFrom(
    'Content-Length: 5',
    'Content-Length: 0',
    'Content-Length: -1',
    'Content-Length: 99999999999999999999',
    'Content-Length: 5, 5',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding : chunked',
    'Connection: close',
    'Connection: keep-alive, content-length',
    'Connection: Upgrade\r\nUpgrade: websocket',
    'Connection: Upgrade\r\nUpgrade: h2c',
    'Expect: 100-continue',
    'Expect: the unexpected',
    'Host: elsewhere',
    'Trailer: X-Last',
    'Content-Type: application/json',
    'Content-Type: application/yaml',
    ' folded: line',
    'no colon',
    ': no name',
    'X-Nul: a\u0000b',
    'X-Bare: a\rb',
    `X-Long: ${'x'.repeat(17_000)}`,
    Array.from({ length: 300 }, (_, index) => `X-${index}: 1`).join('\r\n'),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const body = fc.oneof(
  fc.constantFrom(
    '',
    'hello',
    '5\r\nhello\r\n0\r\n\r\n',
    'zz\r\nhello\r\n',
    'fffffffffffffffff\r\nx',
    '-5\r\nhello\r\n0\r\n\r\n',
    '5;ext="\r\nhello\r\n0\r\nX-Last: 1\r\n\r\n',
    '2\r\nhello\r\n0\r\n\r\n',
    '0\r\n\r\nGET /v1/tokens HTTP/1.1\r\nHost: x\r\n\r\n',
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
/** A request's text; most of them say who asks and whom. */
const requestText = fc
  .tuple(
    startLine,
    fc.array(header, { maxLength: 4 }),
    fc.constantFrom('Host: x\r\n', 'Host: x\r\n', ''),
    fc.constantFrom(`Authorization: Bearer ${TOKEN}\r\n`, ''),
    fc.constantFrom('\r\n', '\r\n', '\r\n', '\n'),
    body,
  )
  .map(([start, headers, host, token, blank, text]) =>
    [`${start}\r\n`, host, token, ...headers.map((each) => `${each}\r\n`), blank, text].join(''),
  );

/** As a WebSocket is opened, where there are some and where there are none. */
const upgrade = fc
  .tuple(
    fc.constantFrom('/graphql', '/elsewhere'),
    fc.constantFrom('', 'Sec-WebSocket-Version: 13\r\n'),
    body,
  )
  .map(
    ([at, version, rest]) =>
      `GET ${at} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${version}\r\n${rest}`,
  );

const rawConnection: fc.Arbitrary<RawConnection> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: requestText }, upgrade), { minLength: 1, maxLength: 5 }), // more than one: pipelined
    fc.array(fc.nat(400), { maxLength: 3 }),
    fc.constantFrom('half', 'reset', 'wait'),
    fc.boolean(),
  )
  .map(([requests, cuts, end, isCutShort]) => {
    const text = requests.join('');
    const places = [0, ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b)];
    const pieces = places.map((from, index) => text.slice(from, places[index + 1] ?? text.length));
    return { pieces: isCutShort ? pieces.slice(0, -1) : pieces, end };
  });

/** Time in which what can be answered is, in milliseconds. */
const PATIENCE_MS = 60;

/** Writes the pieces, and gives all that comes back. */
async function exchange(port: number, { pieces, end }: RawConnection): Promise<string> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  const closed = new Promise<void>((resolve) => socket.on('error', () => {}).once('close', () => resolve()));
  await Promise.race([closed, once(socket, 'connect')]);
  for (const piece of pieces) {
    if (socket.destroyed) break;
    if (socket.bytesWritten > 0) await sleep(1);
    socket.write(piece, 'latin1');
  }
  if (end === 'reset') socket.resetAndDestroy();
  if (end === 'half') socket.end();
  await Promise.race([closed, sleep(PATIENCE_MS)]);
  socket.destroy();
  return received;
}

/** What may be wrong: a status of a failure of Podgate's own. */
function judge(received: string): string | null {
  const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  const failed = statuses.filter((status) => status >= 500);
  return failed.length === 0 ? null : `answers ${failed.join()}`;
}

describe('connections that are no HTTP, or only nearly', LONG, () => {
  it.each([SEED])('are answered or closed, and harm no one (seed %i)', async (seed) => {
    const server = await attackedServer();
    const port = Number(new URL(server.base).port);
    const run = { seed, count: attackCount(300) };
    await withstand(server, rawConnection, run, async (connection) =>
      judge(await exchange(port, connection)),
    );
  });
});
