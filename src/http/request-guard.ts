import type { RequestHandler } from 'express';
import { PodgateError } from '../model/errors.js';

/**
 * Refuses requests of HTTP/1.1 without `Host`, as RFC 9112 (3.2) demands, and NUL characters in a URL: no name or value
 * has them, and PostgreSQL's text can't hold them.
 */
export function guardRequests(): RequestHandler {
  return (request, _response, next) => {
    if (request.headers.host === undefined && request.httpVersion === '1.1') {
      throw new PodgateError('MALFORMED', 'The request has no Host header');
    }
    if (request.originalUrl.includes('%00')) {
      throw new PodgateError('MALFORMED', 'The URL contains a NUL character (%00)');
    }
    next();
  };
}
