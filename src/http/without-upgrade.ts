import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** What asks for another protocol, or speaks only of it. */
const OF_UPGRADES: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/**
 * Serves a request that asks for another protocol as if it didn't, as RFC 9110 (7.8) allows: Java's HTTP client and
 * `curl --http2` ask for `h2c` with their first request, and go on in HTTP/1.1 where they are answered in it. To a
 * server that can upgrade at all Node gives every such connection away; here it gets it back, with the head of the
 * request before what came behind it. All else of the head stays: what tells where the body ends above all, since what
 * follows is read as the next request.
 */
export function serveWithoutUpgrade(
  server: Server,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    const value = request.rawHeaders[index + 1] ?? '';
    if (name.toLowerCase() === 'connection') lines.push(`${name}: ${withoutUpgrades(value)}`);
    else if (!OF_UPGRADES.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

/** A `Connection` header's value without the options of an upgrade; the others stay as they are. */
function withoutUpgrades(value: string): string {
  const options = value.split(',');
  return options.filter((option) => !OF_UPGRADES.has(option.trim().toLowerCase())).join(',');
}
