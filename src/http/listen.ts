import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The settings that say where a server listens, for the line that says that it can't. */
export interface ListenSettings {
  readonly host: string;
  readonly port: string;
}

/**
 * Listens and resolves to the address as it stands in a URL: `127.0.0.1:8080`, `[::1]:8080`. Where it can't, rejects with
 * one line that names the setting to change.
 */
export async function listenOn(
  server: Server,
  host: string,
  port: number,
  settings: ListenSettings,
): Promise<string> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, resolve);
    });
  } catch (error) {
    throw new Error(reasonOf(error, host, port, settings), { cause: error });
  }
  // A server that listens on a host and a port has an address with a port.
  const bound = (server.address() as AddressInfo).port;
  return `${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

function reasonOf(error: unknown, host: string, port: number, settings: ListenSettings): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} of ${host} is taken: set ${settings.port}`;
    case 'EACCES':
      return `port ${port} of ${host} may not be used by this user: set ${settings.port}`;
    default:
      return `${settings.host} ${host} is no address of this machine: ${String(code ?? error)}`;
  }
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
