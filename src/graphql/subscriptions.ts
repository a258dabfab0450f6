import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError, type GraphQLSchema } from 'graphql';
import { type Context, makeServer } from 'graphql-ws';
import { WebSocket, type WebSocketServer } from 'ws';
import { v7 as uuidv7 } from 'uuid';
import type { Authenticate } from '../access/authenticate.js';
import type { FailedAttempts } from '../http/failed-attempts.js';
import { guardUpgrades } from '../http/guard-upgrades.js';
import { refuseConnection } from '../http/raw-problem.js';
import type { RateLimits } from '../http/rate-limits.js';
import { clientAddress, type TrustedProxies } from '../http/trusted-proxies.js';
import { serveWithoutUpgrade } from '../http/without-upgrade.js';
import { noteWrongToken } from '../http/wrong-token.js';
import { PodgateError } from '../model/errors.js';
import type { Logger } from '../observability/logger.js';
import type { Services } from '../operations/context.js';
import { GraphqlContext } from './context.js';
import { formatError, isForeseen } from './format-error.js';
import { endedBy } from './limits/limit-items.js';
import { LIMITS, MOST_VARIABLE_ERRORS } from './limits/limits.js';
import { createOpenSubscriptions } from './open-subscriptions.js';
import type { PersistedDocuments } from './persisted/persisted-documents.js';
import { subscribedOperation } from './subscribed-operation.js';
import { isRefused, TokenWatch } from './token-watch.js';
import { type Connected, createWebSockets } from './web-sockets.js';

/** Subscriptions by the protocol `graphql-transport-ws` (graphql-ws). */
export interface Subscriptions {
  /** Takes the WebSockets that are opened at `/graphql`. */
  readonly attach: (server: Server) => void;
  /** Ends them all. */
  readonly stop: () => Promise<void>;
}

/** What subscriptions are served with. */
export interface SubscriptionOptions {
  readonly schema: GraphQLSchema;
  readonly persistedDocuments: PersistedDocuments | null;
  readonly authenticate: Authenticate;
  readonly failedAttempts: FailedAttempts;
  readonly rateLimits: RateLimits;
  readonly trustedProxies: TrustedProxies;
  readonly metrics: { readonly countAuthenticationFailure: () => void };
  readonly services: Services;
  readonly logger: Logger;
}

const PATH = '/graphql';
/** The close code for a limit that is reached: 4000 and HTTP's status, as the protocol's own codes are made. */
const TOO_MANY_REQUESTS = 4429;

/** A result of execution as the library passes it on. */
interface Result {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
}

type Params = { readonly authorization?: unknown; readonly Authorization?: unknown };

/**
 * Makes the subscriptions. The token stands in the connection's payload, as `authorization: "Bearer TOKEN"`; it is
 * looked at again while the connection lasts, and nothing is sent a second after it has ceased to count. Queries and
 * mutations go by POST.
 */
export function createSubscriptions(options: SubscriptionOptions): Subscriptions {
  const { schema, persistedDocuments, authenticate, rateLimits, services, logger } = options;
  const costs = new WeakMap<ExecutionArgs, number>();
  const open = createOpenSubscriptions();
  const watches = new WeakMap<WebSocket, TokenWatch>();
  const protocol = makeServer<Params, Connected>({
    schema,
    // JSON.stringify knows no integers beyond 2^53: in messages they are texts, so that no digit is lost.
    jsonMessageReviver: queryBesideId,
    jsonMessageReplacer: (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    onConnect: async (connection) => {
      if (!(await isAdmitted(connection, options))) return false;
      const { socket } = connection.extra;
      // The client may have gone meanwhile, and nobody would hear of the end of that connection again.
      if (socket.readyState === WebSocket.OPEN)
        watches.set(socket, new TokenWatch(socket, () => authenticate(authorizationOf(connection))));
      return true;
    },
    onSubscribe: async (connection, id, payload) => {
      const subscribed = subscribedOperation(schema, persistedDocuments, payload);
      if (!('document' in subscribed)) return subscribed;
      const principal = await authenticate(authorizationOf(connection));
      const isOpen = connection.extra.socket.readyState === WebSocket.OPEN;
      const tooMany =
        (isOpen ? open.admit(connection, id, principal) : null) ?? (await rateLimits.token.count(principal));
      if (tooMany !== null) return [new GraphQLError(tooMany.message, { originalError: tooMany })];
      const requestId = uuidv7();
      const isGone = () => connection.extra.socket.readyState !== WebSocket.OPEN;
      const operation = { principal, source: 'GRAPHQL', requestId, services, isGone } as const;
      const args: ExecutionArgs = {
        schema,
        document: subscribed.document,
        operationName: payload.operationName ?? null,
        variableValues: payload.variables ?? null,
        options: { maxCoercionErrors: MOST_VARIABLE_ERRORS },
        contextValue: new GraphqlContext(operation, logger.child({ requestId })),
      };
      costs.set(args, subscribed.cost);
      return args;
    },
    onClose: (connection) => open.forget(connection),
    onNext: async ({ extra: { socket } }, _id, _payload, args, result) => {
      await watches.get(socket)?.beforeSending();
      return answer(result, costs.get(args), logger);
    },
    onError: (_connection, _id, _payload, errors) => errors.map((error) => shown(error, logger)),
  });
  const { server: sockets, stop } = createWebSockets(protocol, logger);
  return {
    attach: (server) => {
      guardUpgrades(server, (request, socket, head) => {
        const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
        if (isWebSocket) void upgrade(sockets, options, request, socket, head);
        else serveWithoutUpgrade(server, request, socket, head);
      });
    },
    stop,
  };
}

async function upgrade(
  sockets: WebSocketServer,
  { rateLimits, trustedProxies }: SubscriptionOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  // Node leaves the connection to us from here on: nobody else would hear that it broke, and the process would end.
  socket.on('error', () => socket.destroy());
  const [path] = (request.url ?? '').split('?');
  if (path !== PATH) {
    refuseConnection(
      socket,
      new PodgateError('NOT_FOUND', `There are no WebSockets at ${JSON.stringify(path)}`),
    );
    return;
  }
  const tooMany = await rateLimits.address.count(clientAddress(request, trustedProxies));
  if (tooMany !== null) {
    refuseConnection(socket, tooMany);
    return;
  }
  sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request));
}

/** Whether the connection's token is good and within the limits; closes the connection where a limit is reached. */
async function isAdmitted(
  connection: Context<Params, Connected>,
  { authenticate, failedAttempts, rateLimits, trustedProxies, metrics, logger }: SubscriptionOptions,
): Promise<boolean> {
  const { socket, request } = connection.extra;
  let tooMany: PodgateError | null;
  try {
    tooMany = await rateLimits.token.count(await authenticate(authorizationOf(connection)));
    if (tooMany === null) return true;
  } catch (error) {
    if (!isRefused(error)) throw error;
    const authorization = authorizationOf(connection);
    if (authorization === undefined) return false;
    const sinks = { failedAttempts, onFailure: metrics.countAuthenticationFailure, logger };
    tooMany = noteWrongToken({ address: clientAddress(request, trustedProxies), authorization }, sinks);
  }
  if (tooMany !== null) socket.close(TOO_MANY_REQUESTS, 'Too many requests');
  return false;
}

/** A message as it is sent: errors as everywhere, and the cost as in the answers to queries. */
function answer({ data, errors }: Result, cost: number | undefined, logger: Logger) {
  const ended = endedBy(errors);
  const told = ended === undefined ? errors : [ended];
  return {
    data: ended === undefined ? (data ?? null) : null,
    ...(told === undefined ? {} : { errors: told.map((error) => shown(error, logger)) }),
    extensions: { cost: { requested: cost, maximum: LIMITS.cost } },
  };
}

function shown(error: GraphQLError, logger: Logger) {
  if (!isForeseen(error)) logger.error({ err: error }, 'subscription failed');
  return formatError(error.toJSON(), error);
}

function authorizationOf({ connectionParams }: Context<Params, Connected>): string | undefined {
  const value = connectionParams?.authorization ?? connectionParams?.Authorization;
  return typeof value === 'string' ? value : undefined;
}

/** The library wants a `query` in each payload; where a `documentId` is there, none is needed. */
function queryBesideId(key: string, value: unknown): unknown {
  if (key !== 'payload' || typeof value !== 'object' || value === null) return value;
  return 'documentId' in value && !('query' in value) ? { ...value, query: '' } : value;
}
