import type { RequestHandler } from 'express';

/** What a page of another origin may send, and what it may read of an answer beside the body. */
const METHODS = 'GET, HEAD, PUT, POST, DELETE';
const REQUEST_HEADERS = 'Authorization, Content-Type, If-Match, Idempotency-Key, X-Request-Id';
const ANSWER_HEADERS = 'ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id';
/** Seconds for which a browser may remember the answer to a preflight. */
const MAX_AGE = '600';

/**
 * Lets the pages of these origins, and of no other, read answers (the Fetch standard's CORS protocol). Never with
 * credentials: a browser adds nothing of its own, the page must hold a token. A preflight of another origin is answered
 * as any `OPTIONS`, which allows nothing.
 *
 * @param origins exactly as browsers send them: `https://dashboard.example.com`
 */
export function cors(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (request, response, next) => {
    if (allowed.size > 0) response.vary('Origin');
    const origin = request.get('Origin');
    if (origin === undefined || !allowed.has(origin)) {
      next();
      return;
    }
    response.setHeader('Access-Control-Allow-Origin', origin);
    const isPreflight =
      request.method === 'OPTIONS' && request.get('Access-Control-Request-Method') !== undefined;
    if (!isPreflight) {
      response.setHeader('Access-Control-Expose-Headers', ANSWER_HEADERS);
      next();
      return;
    }
    response.setHeader('Access-Control-Allow-Methods', METHODS);
    response.setHeader('Access-Control-Allow-Headers', REQUEST_HEADERS);
    response.setHeader('Access-Control-Max-Age', MAX_AGE);
    response.status(204).end();
  };
}

/** Whether a text is an origin as browsers write it: scheme, host in lower case, port unless it is the usual one. */
export function isOrigin(text: string): boolean {
  return /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
