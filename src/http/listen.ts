import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens and resolves to the address as it stands in a URL: `127.0.0.1:8080`, `[::1]:8080`. Rejects where it can't. */
export async function listenOn(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  // A server that listens on a host and a port has an address with a port.
  const bound = (server.address() as AddressInfo).port;
  return `${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

/** Whether listening failed because another process has the port. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/** Seconds that requests in flight get before their connections are cut. */
const DRAIN_SECONDS = 20;

/** Stops accepting, and resolves when every request in flight has its answer or its time is up. */
export async function drain(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection becomes idle only after its last answer, and Node would keep it until its own timeout.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_SECONDS * 1000);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
