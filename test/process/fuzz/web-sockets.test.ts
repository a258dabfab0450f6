import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { attackCount, attackedServer, LONG, SEED, withstand } from './attacked-server.js';
import { internalsIn, wrongErrors } from './http-answer.js';
import { type WebSocketAttack, webSocketAttack } from './web-socket-attacks.js';
import { bytesOf, readFrames } from './web-socket-frames.js';

/** Time in which what can be answered is, in milliseconds. */
const PATIENCE_MS = 60;

/** Opens the WebSocket, sends the frames, and gives all that comes back. */
async function exchange(port: number, attack: WebSocketAttack): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  const received: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => received.push(bytes));
  const closed = new Promise<void>((resolve) => socket.on('error', () => {}).once('close', () => resolve()));
  await Promise.race([closed, once(socket, 'connect')]);
  const head = ['GET /graphql HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket'];
  const lines = [...head, ...attack.handshake, '', ''].join('\r\n');
  socket.write(Buffer.concat([Buffer.from(lines), ...attack.welcome.map(bytesOf)]));
  const isWelcome = () => Buffer.concat(received).includes('connection_ack');
  for (let waited = 0; attack.isPatient && waited < PATIENCE_MS && !isWelcome(); waited += 2) await sleep(2);
  const sent = Buffer.concat(attack.frames.map(bytesOf));
  const places = [0, ...attack.cuts.filter((cut) => cut < sent.length).toSorted((a, b) => a - b)];
  for (const [index, from] of places.entries()) {
    if (socket.destroyed) break;
    if (index > 0) await sleep(1);
    socket.write(sent.subarray(from, places[index + 1] ?? sent.length));
  }
  if (attack.end === 'reset') socket.resetAndDestroy();
  if (attack.end === 'half') socket.end();
  await Promise.race([closed, sleep(PATIENCE_MS)]);
  socket.destroy();
  return Buffer.concat(received);
}

/** The codes with which a server says that it has failed. */
const FAILURES: ReadonlySet<number | null> = new Set([1011, 4500]);

/** What is wrong with what came back, or null. */
function judge(received: Buffer): string | null {
  const headEnd = received.indexOf('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(received.toString('latin1', 0, 20))?.[1] ?? 0);
  if (status >= 500) return `answers ${status}`;
  if (status !== 101 || headEnd < 0) return internalsIn(received.toString());
  const { messages, closeCode, wrong } = readFrames(received.subarray(headEnd + 4));
  if (wrong !== null) return wrong;
  if (FAILURES.has(closeCode)) return `closes with ${closeCode}`;
  for (const each of messages) {
    const { type, payload: answer }: { type?: unknown; payload?: { errors?: unknown } } = JSON.parse(each);
    // A pong says what the client said.
    const told = type === 'pong' ? null : internalsIn(each);
    const errors = type === 'error' ? answer : type === 'next' ? answer?.errors : undefined;
    const mistake = told ?? (errors === undefined ? null : wrongErrors(errors));
    if (mistake !== null) return `${mistake} in ${each.slice(-300)}`;
  }
  return null;
}

describe('WebSockets that mean no good', LONG, () => {
  it.each([SEED])('are answered or closed, and harm no one (seed %i)', async (seed) => {
    const server = await attackedServer();
    const port = Number(new URL(server.base).port);
    await withstand(server, webSocketAttack, { seed, count: attackCount(400) }, async (each) =>
      judge(await exchange(port, each)),
    );
  });
});
