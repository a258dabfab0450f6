import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from '../observability/logger.js';
import { attachRequestContext, RequestContext } from './request-context.js';

/** Ids of others are taken over only when they can harm neither a log nor a URI. */
const ACCEPTED_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** Gives every request its id and context, and every response its `X-Request-Id`. Must come first. */
export function requestIdentity(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const given = request.get('X-Request-Id');
    const requestId = given !== undefined && ACCEPTED_ID.test(given) ? given : randomUUID();
    response.setHeader('X-Request-Id', requestId);
    attachRequestContext(request, new RequestContext(requestId, logger));
    next();
  };
}
