import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { exactJson } from '../model/exact-json.js';
import { PROBLEM_MEDIA_TYPE, problemDocument, type ProblemSource } from './problem.js';
import { PROBLEM_TYPES } from './problem-types.js';

/**
 * How long a connection is kept after its last answer, in milliseconds. What the client still sends is dropped
 * meanwhile: closing at once would reset the connection, and the answer could be lost on its way.
 */
const LINGER_MS = 2_000;

const refused = new WeakSet<Duplex>();

/**
 * Answers with a problem where there is no response to write it to, and closes the connection. Does nothing where that
 * was done before: a connection of which no more is understood fails again with every further piece of it.
 *
 * @param headers further ones, as lines
 */
export function refuseConnection(
  socket: Duplex,
  problem: ProblemSource,
  headers: readonly string[] = [],
): void {
  if (refused.has(socket)) return;
  refused.add(socket);
  const { status } = PROBLEM_TYPES[problem.code];
  const requestId = randomUUID();
  const body = exactJson(problemDocument(problem, requestId));
  const retryAfter =
    problem.retryAfterSeconds === undefined ? [] : [`Retry-After: ${problem.retryAfterSeconds}`];
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      ...retryAfter,
      ...headers,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  cut.unref();
  socket.once('close', () => clearTimeout(cut));
}
