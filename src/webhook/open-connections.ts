import type { ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';

/** The connections of a server. */
export interface OpenConnections {
  /** Ends those that are open: one that waits for its answer as soon as it has it, the others at once. */
  readonly end: () => void;
}

/** Knows a server's connections from now on. */
export function openConnections(server: Pick<Server, 'on'>): OpenConnections {
  const open = new Set<TLSSocket>();
  const lastAnswers = new WeakMap<object, ServerResponse>();
  server.on('secureConnection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    lastAnswers.set(socket, response);
  });
  return {
    end() {
      for (const socket of open) {
        const answer = lastAnswers.get(socket);
        if (answer === undefined || answer.writableFinished) socket.destroySoon();
        else answer.once('finish', () => socket.destroySoon());
      }
    },
  };
}
