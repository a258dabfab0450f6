import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { PodgateError } from '../model/errors.js';
import { SERVER_LIMITS } from './server-limits.js';

/**
 * Refuses requests with too many headers, those of HTTP/1.1 without `Host`, as RFC 9112 (3.2) demands, and NUL
 * characters in a URL: no name or value has them, and PostgreSQL's text can't hold them.
 */
export function guardRequests(): RequestHandler {
  return (request, _response, next) => {
    const tooMany = tooManyHeaders(request);
    if (tooMany !== null) throw tooMany;
    if (request.headers.host === undefined && request.httpVersion === '1.1') {
      throw new PodgateError('MALFORMED', 'The request has no Host header');
    }
    if (request.originalUrl.includes('%00')) {
      throw new PodgateError('MALFORMED', 'The URL contains a NUL character (%00)');
    }
    next();
  };
}

/** The error for a request with more headers than one may have; null where it hasn't. */
export function tooManyHeaders({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): PodgateError | null {
  // Names and values in turn.
  if (rawHeaders.length <= 2 * SERVER_LIMITS.mostHeaders) return null;
  return new PodgateError('TOO_LARGE', `The request has more than ${SERVER_LIMITS.mostHeaders} headers`);
}
