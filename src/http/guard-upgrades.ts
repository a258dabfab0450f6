import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { refuseConnection } from './raw-problem.js';
import { tooManyHeaders } from './request-guard.js';

/** Serves a request that asks for another protocol; `head` is what came behind it. */
type ServeUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Serves requests that ask for another protocol. Node gives them away before anything has looked at them, and at once:
 * those with too many headers are refused here, and each waits for the answers of the requests before it, which would
 * otherwise come behind its own.
 */
export function guardUpgrades(server: Server, serve: ServeUpgrade): void {
  const unanswered = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, response) => {
    unanswered.set(socket, response);
    response.once('close', () => {
      if (unanswered.get(socket) === response) unanswered.delete(socket);
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Nobody else would hear that the connection broke, and the process would end.
    const onError = () => socket.destroy();
    socket.on('error', onError);
    const inTurn = () => {
      const tooMany = tooManyHeaders(request);
      if (tooMany !== null) {
        refuseConnection(socket, tooMany);
        return;
      }
      serve(request, socket, head);
      socket.off('error', onError);
    };
    const before = unanswered.get(socket);
    if (before === undefined) inTurn();
    else before.once('close', () => (socket.writable ? inTurn() : socket.destroy()));
  });
}
