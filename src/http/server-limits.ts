import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import type { ProblemCode } from './problem-types.js';
import { refuseConnection } from './raw-problem.js';

/** What one connection may take: against clients that are slow on purpose, and against too many of them. */
export const SERVER_LIMITS = {
  /** Time for a request's head (slow loris). */
  headersTimeout: 15_000,
  /** Time for a whole request; the upload of the largest body at 60 KB/s fits. */
  requestTimeout: 60_000,
  /** Idle time between two requests of a connection; longer than the usual 60 s of a load balancer. */
  keepAliveTimeout: 65_000,
  /** How often the timeouts are looked at. */
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
  /** Of a request; one with more is refused by `tooManyHeaders`. */
  mostHeaders: 100,
  maxConnections: 10_000,
} as const;

/**
 * Makes the HTTP server with its limits. Node's own parser reads strictly, so a request with both Content-Length and
 * Transfer-Encoding, or with a malformed head, is refused and its connection closed: nothing can be smuggled behind it.
 */
export function createHttpServer(listener: RequestListener): Server {
  return limited(createServer(OPTIONS, listener));
}

/** The same over TLS. */
export function createHttpsServer(tls: TlsOptions, listener: RequestListener): HttpsServer {
  return limited(createTlsServer({ ...tls, ...OPTIONS }, listener));
}

const OPTIONS = {
  headersTimeout: SERVER_LIMITS.headersTimeout,
  requestTimeout: SERVER_LIMITS.requestTimeout,
  keepAliveTimeout: SERVER_LIMITS.keepAliveTimeout,
  connectionsCheckingInterval: SERVER_LIMITS.connectionsCheckingInterval,
  maxHeaderSize: SERVER_LIMITS.maxHeaderSize,
  insecureHTTPParser: false,
  // Refused by guardRequests, in the form of all other failures.
  requireHostHeader: false,
} as const;

function limited<S extends Server | HttpsServer>(server: S): S {
  // Beyond a count Node leaves headers out without a word, even the one that says where the body ends. All are kept.
  server.maxHeadersCount = 0;
  server.maxConnections = SERVER_LIMITS.maxConnections;
  server.on('clientError', refuse);
  // An expectation that isn't understood may be ignored (RFC 9110, 10.1.1); Node would answer with a bare 417.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  return server;
}

/** Answers what Node could not even read as a request, in the form of all other failures. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) {
    socket.destroy();
    return;
  }
  const [code, message] = reasonOf(error);
  refuseConnection(socket, { code, message, problems: [], retryAfterSeconds: undefined });
}

function reasonOf(error: NodeJS.ErrnoException): readonly [ProblemCode, string] {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return ['TOO_LARGE', `The head of the request is larger than ${SERVER_LIMITS.maxHeaderSize} bytes`];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['TIMEOUT', 'The request did not arrive in time'];
    default:
      return ['MALFORMED', 'This is not an HTTP request'];
  }
}
