import { type RequestHandler, Router } from 'express';
import { requestContext } from '../http/request-context.js';
import { otherMethods } from '../http/other-methods.js';
import { json, type Reply, sendReply } from './reply.js';

/** What the public routes tell. */
export interface PublicParts {
  /** Whether the database can be reached and is migrated. */
  readonly isReady: () => Promise<boolean>;
  /** The OpenAPI document. */
  readonly openApi: unknown;
}

/** Where the paths of the public routes begin. */
const PUBLIC = /^\/(?:healthz|readyz|openapi\.json)/;

/** `/healthz`, `/readyz` and `/openapi.json`: for everybody, without a token. */
export function createPublicRoutes({ isReady, openApi }: PublicParts): RequestHandler {
  const router = Router({ caseSensitive: true });
  const serve = (path: string, answer: () => Promise<Reply>) => {
    router
      .route(path)
      .all((request, _response, next) => {
        requestContext(request).route = path;
        next();
      })
      .get(async (request, response) => sendReply(request, response, await answer()))
      .all(otherMethods(['get']));
  };
  const description = json(200, openApi);
  serve('/healthz', async () => json(200, { status: 'ok' }));
  serve('/readyz', async () => readiness(await isReady()));
  serve('/openapi.json', async () => description);
  // Every request comes by here: those for other paths needn't be compared route by route.
  return (request, response, next) => {
    if (PUBLIC.test(request.path)) router(request, response, next);
    else next();
  };
}

function readiness(isReady: boolean): Reply {
  return isReady
    ? json(200, { status: 'ready' })
    : json(503, { status: 'unavailable' }, { 'Retry-After': '5' });
}
