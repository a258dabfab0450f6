import type { RequestHandler } from 'express';
import { PodgateError } from '../model/errors.js';
import type { Principal } from '../model/principal.js';
import type { FailedAttempts } from './failed-attempts.js';
import { requestContext } from './request-context.js';
import { noteWrongToken } from './wrong-token.js';

/** What the middleware needs: the check of the header, and who counts the failures. */
export interface AuthenticationOptions {
  /** Tells who is asking from the `Authorization` header; throws UNAUTHENTICATED. */
  readonly authenticate: (authorization: string | undefined) => Promise<Principal>;
  readonly failedAttempts: FailedAttempts;
  /** Told of each refused token, for the metrics. */
  readonly onFailure: () => void;
}

/**
 * Lets only authenticated requests pass and notes who asks. Wrong tokens are counted per address; above the limit
 * they are answered with 429. A good token always passes, so that nobody can lock out those who share an address or a
 * proxy with him; a request without a token guesses nothing and doesn't count.
 */
export function authentication(options: AuthenticationOptions): RequestHandler {
  return async (request, _response, next) => {
    const authorization = request.get('Authorization');
    try {
      requestContext(request).principal = await options.authenticate(authorization);
    } catch (error) {
      const isRefused = error instanceof PodgateError && error.code === 'UNAUTHENTICATED';
      if (!isRefused || authorization === undefined) throw error;
      const { failedAttempts, onFailure } = options;
      const sinks = { failedAttempts, onFailure, logger: requestContext(request).logger };
      throw noteWrongToken({ address: request.ip ?? '', authorization }, sinks) ?? error;
    }
    next();
  };
}
