import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { GraphQLSchema } from 'graphql';
import type { Authenticate } from '../access/authenticate.js';
import { authentication } from '../http/authentication.js';
import type { FailedAttempts } from '../http/failed-attempts.js';
import { otherMethods } from '../http/other-methods.js';
import type { RateLimits } from '../http/rate-limits.js';
import type { TrustedProxies } from '../http/trusted-proxies.js';
import { principalOf, requestContext } from '../http/request-context.js';
import type { Logger } from '../observability/logger.js';
import { PodgateError } from '../model/errors.js';
import type { Services } from '../operations/context.js';
import { answerText } from './answer-text.js';
import { GraphqlContext } from './context.js';
import { formatError } from './format-error.js';
import { graphiql, leadToGraphiql } from './graphiql.js';
import { LIMIT_RULES, LIMITS, MOST_ERRORS, MOST_VARIABLE_ERRORS } from './limits/limits.js';
import { refuseLongQuery } from './limits/refuse-long-query.js';
import { endBeyondItems } from './plugins/end-beyond-items.js';
import { limitCost } from './plugins/limit-cost.js';
import { nothingForApollo } from './plugins/nothing-for-apollo.js';
import { refuseSubscriptions } from './plugins/refuse-subscriptions.js';
import { reportErrors } from './plugins/report-errors.js';
import type { PersistedDocuments } from './persisted/persisted-documents.js';
import { findDocument, runByGet } from './persisted/persisted-request.js';
import { readRequest } from './read-request.js';
import { createSubscriptions, type Subscriptions } from './subscriptions.js';

/** What the GraphQL transport is made of. */
export interface GraphqlOptions {
  /** As `createSchema` makes it. */
  readonly schema: GraphQLSchema;
  /** The documents that may be asked for by an id; null: none. */
  readonly persistedDocuments: PersistedDocuments | null;
  readonly services: Services;
  readonly authenticate: Authenticate;
  readonly failedAttempts: FailedAttempts;
  readonly rateLimits: RateLimits;
  /** Refuses large bodies where there are too many at once. */
  readonly holdBodies: RequestHandler;
  readonly trustedProxies: TrustedProxies;
  readonly metrics: { readonly countAuthenticationFailure: () => void };
  /** Largest request body in bytes, after decompression. */
  readonly bodyLimit: number;
  readonly logger: Logger;
}

/** The GraphQL transport, ready to be mounted. */
export interface Graphql {
  /**
   * `POST` runs an operation for those who are authenticated; `GET` from a browser shows GraphiQL to everybody, and
   * answers those who are authenticated where it names a persisted document.
   */
  readonly handler: RequestHandler;
  /** For `GET /`, at which browsers look first; null where there is no page to lead them to. */
  readonly home: RequestHandler | null;
  /** Takes subscriptions over WebSockets. */
  readonly attach: Subscriptions['attach'];
  /** To be called before the server is closed: it waits for every connection. */
  readonly endSubscriptions: Subscriptions['stop'];
  /** To be called when no request is in flight any more. */
  readonly stop: () => Promise<void>;
}

/** Makes the GraphQL transport: GraphQL over HTTP, one operation a request. */
export async function createGraphql(options: GraphqlOptions): Promise<Graphql> {
  const { schema, persistedDocuments: persisted, services } = options;
  const { authenticate, failedAttempts, rateLimits, holdBodies, metrics, bodyLimit } = options;
  const server = createServer(schema);
  await server.start();
  const signedIn = authentication({
    authenticate,
    failedAttempts,
    onFailure: metrics.countAuthenticationFailure,
  });
  const execute = expressMiddleware(server, {
    context: async ({ req, res }) => contextOf(req, res, services),
  });
  const router = Router();
  router.use(noteRoute);
  router.options('/', otherMethods(['get', 'post']));
  // Where only persisted documents are answered, the page could do nothing.
  const hasPage = persisted?.only !== true;
  if (hasPage) router.use(graphiql());
  const admitted = [signedIn, ...rateLimits.token.handlers, holdBodies];
  const read = [...admitted, readRequest(bodyLimit), refuseLongQuery];
  if (persisted === null) router.post('/', ...read, execute);
  else {
    router.post('/', ...read, findDocument(persisted), execute);
    router.get('/', ...admitted, runByGet(persisted, execute));
  }
  router.all('/', refuseMethod);
  const { attach, stop } = createSubscriptions(options);
  const home = hasPage ? leadToGraphiql() : null;
  return { handler: router, home, attach, endSubscriptions: stop, stop: () => server.stop() };
}

function createServer(schema: GraphQLSchema): ApolloServer<GraphqlContext> {
  return new ApolloServer<GraphqlContext>({
    schema,
    introspection: true,
    // What a page of another origin can send unasked has neither a token in its head nor a body of JSON.
    csrfPrevention: { requestHeaders: ['authorization'] },
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: LIMITS.tokens },
    validationRules: [...LIMIT_RULES],
    validationOptions: { maxErrors: MOST_ERRORS },
    executionOptions: { maxCoercionErrors: MOST_VARIABLE_ERRORS },
    formatError,
    stringifyResult: answerText,
    plugins: [
      ...nothingForApollo(),
      reportErrors(),
      refuseSubscriptions(),
      limitCost(schema, LIMITS.cost),
      endBeyondItems(),
    ],
  });
}

function contextOf(request: Request, response: Response, services: Services): GraphqlContext {
  const { requestId, logger } = requestContext(request);
  return new GraphqlContext(
    {
      principal: principalOf(request),
      source: 'GRAPHQL',
      requestId,
      services,
      isGone: () => response.destroyed,
    },
    logger,
  );
}

const refuseMethod: RequestHandler = (_request, response) => {
  response.setHeader('Allow', 'GET, POST, HEAD, OPTIONS');
  throw new PodgateError('METHOD_NOT_ALLOWED', 'Operations are sent by POST; GET shows GraphiQL to browsers');
};

const noteRoute: RequestHandler = (request, _response, next) => {
  requestContext(request).route = '/graphql';
  next();
};
