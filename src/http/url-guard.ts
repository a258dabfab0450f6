import type { RequestHandler } from 'express';
import { PodgateError } from '../model/errors.js';

/** Refuses NUL characters in a URL: no name or value has them, and PostgreSQL's text can't hold them. */
export function refuseNulInUrl(): RequestHandler {
  return (request, _response, next) => {
    if (request.originalUrl.includes('%00')) {
      throw new PodgateError('MALFORMED', 'The URL contains a NUL character (%00)');
    }
    next();
  };
}
