import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { refuseConnection } from './raw-problem.js';
import { tooManyHeaders } from './request-guard.js';

/** Serves a request that asks for another protocol; `head` is what came behind it. */
type ServeUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Serves requests that ask for another protocol. Node gives them away before anything has looked at them: those with too
 * many headers are refused here.
 */
export function guardUpgrades(server: Server, serve: ServeUpgrade): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const tooMany = tooManyHeaders(request);
    if (tooMany === null) {
      serve(request, socket, head);
      return;
    }
    // Nobody else would hear that the connection broke, and the process would end.
    socket.on('error', () => socket.destroy());
    refuseConnection(socket, tooMany);
  });
}
