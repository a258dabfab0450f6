import type { RequestHandler } from 'express';
import { PodgateError } from '../model/errors.js';

/**
 * Answers the methods that a path doesn't have: `OPTIONS` with those that there are, any other with 405.
 *
 * @param methods in lower case, as Express names them
 */
export function otherMethods(methods: readonly string[]): RequestHandler {
  const names = methods.map((method) => method.toUpperCase());
  const allow = [...names, ...(methods.includes('get') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (request, response) => {
    response.setHeader('Allow', allow);
    if (request.method !== 'OPTIONS') {
      throw new PodgateError(
        'METHOD_NOT_ALLOWED',
        `${request.method} is not allowed here; allowed: ${allow}`,
      );
    }
    response.status(204).end();
  };
}
