import express, { type Express, type RequestHandler } from 'express';
import type { Authenticate } from './access/authenticate.js';
import { authentication } from './http/authentication.js';
import { cors } from './http/cors.js';
import { errorHandler, unknownRoute } from './http/error-handler.js';
import type { FailedAttempts } from './http/failed-attempts.js';
import { inOrder } from './http/in-order.js';
import type { RateLimits } from './http/rate-limits.js';
import { requestIdentity } from './http/request-id.js';
import { requestLog } from './http/request-log.js';
import { securityHeaders } from './http/security-headers.js';
import type { TrustedProxies } from './http/trusted-proxies.js';
import { guardRequests } from './http/request-guard.js';
import type { Logger } from './observability/logger.js';
import type { Metrics } from './observability/metrics.js';

/** The parts of the app, made by the composition root. */
export interface AppParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly authenticate: Authenticate;
  readonly failedAttempts: FailedAttempts;
  readonly rateLimits: RateLimits;
  readonly holdBodies: RequestHandler;
  readonly trustedProxies: TrustedProxies;
  /** Origins whose pages may read answers. */
  readonly corsOrigins: readonly string[];
  /** `/healthz`, `/readyz`, `/openapi.json`: for everybody. */
  readonly publicRoutes: RequestHandler;
  /** `/v1/…` and `/metrics`: for those who are authenticated. */
  readonly rest: RequestHandler;
  /** `/graphql`: GraphiQL's page is public, every operation is authenticated by the handler itself. */
  readonly graphql: {
    readonly handler: RequestHandler;
    /** `GET /`: public; null: there is nothing. */
    readonly home: RequestHandler | null;
  };
}

/** Puts the Express app together; the order of the middleware is the order in which a request passes through. */
export function createApp(parts: AppParts): Express {
  const { logger, metrics, authenticate, failedAttempts, rateLimits } = parts;
  const signedIn = authentication({
    authenticate,
    failedAttempts,
    onFailure: metrics.countAuthenticationFailure,
  });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', parts.trustedProxies);
  const ground = [requestIdentity(logger), requestLog(metrics), securityHeaders(), guardRequests()];
  app.use(inOrder(...ground, cors(parts.corsOrigins)), parts.publicRoutes, ...rateLimits.address.handlers);
  app.use('/graphql', parts.graphql.handler);
  if (parts.graphql.home !== null) app.get('/', parts.graphql.home);
  app.use(signedIn, ...rateLimits.token.handlers, parts.holdBodies, parts.rest);
  app.use(unknownRoute(), errorHandler());
  return app;
}
