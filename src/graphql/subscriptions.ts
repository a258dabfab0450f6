import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { CloseCode, type Context } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { v7 as uuidv7 } from 'uuid';
import type { Authenticate } from '../access/authenticate.js';
import type { FailedAttempts } from '../http/failed-attempts.js';
import { refuseConnection } from '../http/raw-problem.js';
import type { RateLimits } from '../http/rate-limits.js';
import { clientAddress, type TrustedProxies } from '../http/trusted-proxies.js';
import { PodgateError } from '../model/errors.js';
import type { Logger } from '../observability/logger.js';
import type { Services } from '../operations/context.js';
import { GraphqlContext } from './context.js';
import { formatError, isForeseen } from './format-error.js';
import { limitError } from './limits/limit-error.js';
import { LIMIT_RULES, LIMITS } from './limits/limits.js';
import { operationCost } from './limits/operation-cost.js';

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
  readonly authenticate: Authenticate;
  readonly failedAttempts: FailedAttempts;
  readonly rateLimits: RateLimits;
  readonly trustedProxies: TrustedProxies;
  readonly metrics: { readonly countAuthenticationFailure: () => void };
  readonly services: Services;
  readonly logger: Logger;
}

const PATH = '/graphql';
/** Time after which a token is looked at again, in milliseconds: it may have been revoked. */
const CHECK_EVERY_MS = 30_000;
/** The close code for a limit that is reached: 4000 and HTTP's status, as the protocol's own codes are made. */
const TOO_MANY_REQUESTS = 4429;
const LARGEST_MESSAGE = 256 * 1024;

type Params = { readonly authorization?: unknown; readonly Authorization?: unknown };

/**
 * Makes the subscriptions. The token stands in the connection's payload, as `authorization: "Bearer TOKEN"`; it is
 * looked at again while the connection lasts. Queries and mutations go by POST.
 */
export function createSubscriptions(options: SubscriptionOptions): Subscriptions {
  const { schema, authenticate, rateLimits, services, logger } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE });
  const cleanup = useServer<Params>(
    {
      schema,
      // JSON.stringify knows no integers beyond 2^53: in messages they are texts, so that no digit is lost.
      jsonMessageReplacer: (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
      onConnect: async (connection) => {
        if (!(await isAdmitted(connection, options))) return false;
        watchToken(connection, authenticate);
        return true;
      },
      onSubscribe: async (connection, _id, { query, operationName, variables }) => {
        const checked = check(schema, query, operationName ?? null, variables ?? {});
        if (!('document' in checked)) return checked;
        const principal = await authenticate(authorizationOf(connection));
        const tooMany = await rateLimits.token.count(principal);
        if (tooMany !== null) return [new GraphQLError(tooMany.message, { originalError: tooMany })];
        const requestId = uuidv7();
        const operation = { principal, source: 'GRAPHQL', requestId, services } as const;
        return {
          schema,
          document: checked.document,
          operationName: operationName ?? null,
          variableValues: variables ?? null,
          contextValue: new GraphqlContext(operation, logger.child({ requestId })),
        };
      },
      onNext: (_connection, _id, _payload, _args, result) => {
        if (result.errors === undefined) return undefined;
        return { data: result.data ?? null, errors: result.errors.map((error) => shown(error, logger)) };
      },
      onError: (_connection, _id, _payload, errors) => errors.map((error) => shown(error, logger)),
    },
    sockets,
  );
  return {
    attach: (server) => {
      server.on(
        'upgrade',
        (request: IncomingMessage, socket: Duplex, head: Buffer) =>
          void upgrade(sockets, options, request, socket, head),
      );
    },
    stop: async () => cleanup.dispose(),
  };
}

async function upgrade(
  sockets: WebSocketServer,
  { rateLimits, trustedProxies }: SubscriptionOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
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
  connection: Context<Params, Extra>,
  { authenticate, failedAttempts, rateLimits, trustedProxies, metrics }: SubscriptionOptions,
): Promise<boolean> {
  const { socket, request } = connection.extra;
  let tooMany: PodgateError | null;
  try {
    tooMany = await rateLimits.token.count(await authenticate(authorizationOf(connection)));
    if (tooMany === null) return true;
  } catch (error) {
    if (!isRefused(error)) throw error;
    if (authorizationOf(connection) === undefined) return false;
    metrics.countAuthenticationFailure();
    tooMany = failedAttempts.count(clientAddress(request, trustedProxies));
  }
  if (tooMany !== null) socket.close(TOO_MANY_REQUESTS, 'Too many requests');
  return false;
}

function isRefused(error: unknown): boolean {
  return error instanceof PodgateError && error.code === 'UNAUTHENTICATED';
}

function shown(error: GraphQLError, logger: Logger) {
  if (!isForeseen(error)) logger.error({ err: error }, 'subscription failed');
  return formatError(error.toJSON(), error);
}

function authorizationOf({ connectionParams }: Context<Params, Extra>): string | undefined {
  const value = connectionParams?.authorization ?? connectionParams?.Authorization;
  return typeof value === 'string' ? value : undefined;
}

/** Closes a connection whose token doesn't count any more. */
function watchToken(connection: Context<Params, Extra>, authenticate: Authenticate): void {
  const { socket } = connection.extra;
  const timer = setInterval(() => {
    authenticate(authorizationOf(connection)).catch((error: unknown) => {
      if (isRefused(error)) socket.close(CloseCode.Forbidden, 'Forbidden');
    });
  }, CHECK_EVERY_MS);
  timer.unref();
  socket.once('close', () => clearInterval(timer));
}

/** Parses and checks what is subscribed to, within the limits of all operations. */
function check(
  schema: GraphQLSchema,
  query: string,
  operationName: string | null,
  variables: Record<string, unknown>,
) {
  try {
    const document = parse(query, { maxTokens: LIMITS.tokens });
    const errors = validate(schema, document, [...specifiedRules, ...LIMIT_RULES]);
    if (errors.length > 0) return errors;
    const operation = getOperationAST(document, operationName);
    if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
      return [
        new GraphQLError('Only subscriptions are taken here: send queries and mutations by POST', {
          extensions: { code: 'BAD_REQUEST' },
        }),
      ];
    }
    const cost = operationCost(schema, document, operation, variables);
    return cost > LIMITS.cost ? [limitError('cost', LIMITS.cost, cost, [operation])] : { document };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}
