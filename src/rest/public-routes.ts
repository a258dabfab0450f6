import { Router } from 'express';
import { requestContext } from '../http/request-context.js';
import { json, sendReply } from './reply.js';

/** What the public routes tell. */
export interface PublicParts {
  /** Whether the database can be reached and is migrated. */
  readonly isReady: () => Promise<boolean>;
  /** The OpenAPI document. */
  readonly openApi: unknown;
}

/** `/healthz`, `/readyz` and `/openapi.json`: for everybody, without a token. */
export function createPublicRoutes({ isReady, openApi }: PublicParts): Router {
  const router = Router({ caseSensitive: true });
  router.get(['/healthz', '/readyz', '/openapi.json'], (request, _response, next) => {
    requestContext(request).route = request.path.replace(/\/$/, '');
    next();
  });
  router.get('/healthz', (request, response) => {
    sendReply(request, response, json(200, { status: 'ok' }));
  });
  router.get('/readyz', async (request, response) => {
    const ready = await isReady();
    const reply = ready
      ? json(200, { status: 'ready' })
      : json(503, { status: 'unavailable' }, { 'Retry-After': '5' });
    sendReply(request, response, reply);
  });
  router.get('/openapi.json', (request, response) => {
    sendReply(request, response, json(200, openApi));
  });
  return router;
}
