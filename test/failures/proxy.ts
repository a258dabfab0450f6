import { createServer, type Server, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A way to a PostgreSQL server that keeps its address while the server is replaced, and that can be cut. */
export interface Proxy {
  readonly port: number;
  /** Where connections lead from now on. */
  lead: (port: number) => void;
  /** From the next append on: its bytes reach the server, but the answer is thrown away with the connection. */
  cutNextAppends: (count: number) => void;
  /** How many appends were cut. */
  readonly cut: () => number;
  readonly close: () => Promise<void>;
}

/** A name that only the statement of an append bears when it is executed (its prepared statement). */
const APPEND = Buffer.from('append-decisions');

/** Opens a proxy on the loopback. */
export async function openProxy(target: number): Promise<Proxy> {
  let port = target;
  let toCut = 0;
  let cut = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let isCut = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (toCut > 0 && bytes.includes(APPEND)) {
        toCut -= 1;
        cut += 1;
        isCut = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      // The server has answered, so the commit is done: the client must not hear of it.
      if (isCut) client.destroy();
      else client.write(bytes);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    lead: (to) => {
      port = to;
    },
    cutNextAppends: (count) => {
      toCut = count;
    },
    cut: () => cut,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
