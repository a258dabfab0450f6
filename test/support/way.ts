import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut (to those who use it the server is gone then) and held up (it hangs). */
export async function openWay(url: string) {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isHeld = false;
  let server: Server;
  let port = 0;
  const listen = async () => {
    server = createServer((near) => {
      const far = connect(Number(target.port), target.hostname);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            near.destroy();
            far.destroy();
          });
      }
      near.pipe(far).pipe(near);
      if (isHeld) hold(near);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port; // it listens on a port
  };
  await listen();
  const way = new URL(url);
  way.host = `127.0.0.1:${port}`;
  return {
    url: way.href,
    mend: listen,
    cut() {
      server.close();
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    /** Lets nothing through, in either direction, on connections there are and those to come. */
    holdUp() {
      isHeld = true;
      for (const socket of sockets) hold(socket);
    },
    letGo() {
      isHeld = false;
      for (const socket of sockets) socket.resume();
    },
  };
}

/** What comes stays in the socket. */
function hold(socket: Socket): void {
  setImmediate(() => socket.pause());
}
