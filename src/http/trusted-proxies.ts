import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';

/** Tells whether an address is one of a proxy whose `X-Forwarded-For` is believed. */
export type TrustedProxies = (address: string, hop: number) => boolean;

/**
 * Makes the check of a list of addresses and networks (`10.0.0.0/8`, `loopback`). Throws TypeError where one of them is
 * none. Of an empty list nothing is believed: the client is who is connected.
 */
export function trustedProxies(addresses: readonly string[]): TrustedProxies {
  return proxyAddr.compile([...addresses]);
}

/**
 * The address of the client: of the nearest one that is no trusted proxy; empty where the connection is gone. The same
 * as Express's `request.ip`, for requests that Express never sees.
 */
export function clientAddress(request: IncomingMessage, proxies: TrustedProxies): string {
  // The types promise an address always; a closed connection has none any more.
  const address: string | undefined = proxyAddr(request, proxies);
  return address ?? '';
}
