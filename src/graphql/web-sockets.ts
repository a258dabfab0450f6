import type { IncomingMessage } from 'node:http';
import { CloseCode, handleProtocols, MessageType, parseMessage, type Server } from 'graphql-ws';
import { WebSocket, WebSocketServer } from 'ws';
import { noteUnserved } from '../http/note-unserved.js';
import { refuseConnection } from '../http/raw-problem.js';
import { PodgateError } from '../model/errors.js';
import type { Logger } from '../observability/logger.js';
import { isRefused } from './token-watch.js';

/** What is known of a connection beside its protocol. */
export interface Connected {
  readonly socket: WebSocket;
  /** The one with which it was opened. */
  readonly request: IncomingMessage;
}

/** WebSockets that speak the protocol. */
export interface WebSockets {
  /** Opens them. */
  readonly server: WebSocketServer;
  /** Says good-bye to everybody; resolves when all have gone. */
  readonly stop: () => Promise<void>;
}

/** Bytes of one message of a client, at most. */
export const LARGEST_MESSAGE = 256 * 1024;
/** How often is asked whether the client is still there, in milliseconds; it has as long to answer. */
const PING_EVERY_MS = 12_000;
/** How many bytes a client may leave unread before nothing more is read of it. */
const MOST_UNREAD = 1024 * 1024;
/** The longest reason that a closing frame holds, in bytes. */
const LONGEST_REASON = 123;

/** The version of the protocol, which an answer to a handshake that failed must name (RFC 6455, 4.4). */
const VERSION = 'Sec-WebSocket-Version: 13';

const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;

/** Messages that only a server sends. */
const OF_SERVERS: ReadonlySet<MessageType> = new Set([
  MessageType.ConnectionAck,
  MessageType.Next,
  MessageType.Error,
]);

/**
 * Serves the protocol over WebSockets. What a client does wrong ends its connection with a code that says so and is no
 * failure of the service; what fails without its doing goes to the log. (`useServer` of the library writes both to
 * standard error.)
 */
export function createWebSockets(protocol: Server<Connected>, logger: Logger): WebSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, handleProtocols });
  server.on('wsClientError', (error, socket) => {
    const problem = { code: 'MALFORMED', message: error.message, problems: [] } as const;
    refuseConnection(socket, { ...problem, retryAfterSeconds: undefined }, [VERSION]);
  });
  server.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    // A broken frame or connection: the library underneath has said so to the client, and closes.
    socket.on('error', () => {});
    endWhenGone(socket);
    const close = (code?: number, reason?: string) => socket.close(code, fitting(reason));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: async (data) => send(socket, data),
        close,
        onMessage: (take) =>
          socket.on('message', (data) => {
            const text = (data as Buffer).toString(); // with nothing else set, `ws` gives buffers
            take(text).catch((error: unknown) => end(socket, error, text, logger));
          }),
      },
      { socket, request },
    );
    socket.once('close', (code, reason) => {
      closed(code, String(reason)).catch((error: unknown) => {
        logger.error({ err: error }, 'a subscription could not be ended');
      });
    });
  });
  return { server, stop: async () => stop(server) };
}

/** Sends a message. Nothing more is read of a client that reads too little: its own messages would fill the memory. */
async function send(socket: WebSocket, data: string): Promise<void> {
  if (socket.readyState !== WebSocket.OPEN) return;
  await new Promise<void>((resolve) => {
    // An error means that the connection broke: its end is told apart from here.
    socket.send(data, () => {
      if (socket.isPaused && socket.bufferedAmount <= MOST_UNREAD) socket.resume();
      resolve();
    });
    if (socket.bufferedAmount > MOST_UNREAD) socket.pause();
  });
}

/** Ends a connection over one of whose messages something was thrown. */
function end(socket: WebSocket, error: unknown, message: string, logger: Logger): void {
  if (isOfServers(message)) socket.close(CloseCode.BadRequest, 'Invalid message received');
  else if (isRefused(error)) socket.close(CloseCode.Forbidden, 'Forbidden');
  else if (error instanceof PodgateError) {
    noteUnserved(logger, error, 'subscription');
    socket.close(TRY_AGAIN_LATER, fitting(error.message));
  } else {
    logger.error({ err: error }, 'subscription failed unexpectedly');
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  }
}

function isOfServers(text: string): boolean {
  try {
    return OF_SERVERS.has(parseMessage(text).type);
  } catch {
    return false;
  }
}

/** A reason that is too long for a closing frame is left out: it repeats what the client has sent. */
function fitting(reason = ''): string {
  return Buffer.byteLength(reason) > LONGEST_REASON ? '' : reason;
}

/** Ends a connection whose client doesn't answer any more. */
function endWhenGone(socket: WebSocket): void {
  let isThere = true;
  socket.on('pong', () => {
    isThere = true;
  });
  const timer = setInterval(() => {
    if (!isThere) socket.terminate();
    isThere = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, PING_EVERY_MS);
  socket.once('close', () => clearInterval(timer));
}

async function stop(server: WebSocketServer): Promise<void> {
  for (const socket of server.clients) socket.close(GOING_AWAY, 'Going away');
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
