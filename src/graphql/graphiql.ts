import { join } from 'node:path';
import express, { type Request, type RequestHandler, Router } from 'express';
import { packageFile } from './package-file.js';

/** Only what the page brings itself: its scripts and styles, the fonts in them, and this server's answers. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // The editor sets styles of its own on the elements that it makes.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Nobody asks for parts of a page; a range that isn't there would be an error of its own. */
const WHOLE = { acceptRanges: false } as const;

/**
 * GraphiQL for browsers at `/`, and under `/graphiql` what the page loads, all of it from this package. The page is
 * public and empty: it asks for a token, and every operation is sent with that. Other requests pass.
 */
export function graphiql(): RequestHandler {
  const folder = packageFile('dist', 'graphiql');
  const router = Router();
  router.use('/graphiql', express.static(folder, { ...WHOLE, index: false, redirect: false, maxAge: '1h' }));
  router.get('/', (request, response, next) => {
    if (!asksForPage(request)) {
      next();
      return;
    }
    response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(join(folder, 'index.html'), WHOLE);
  });
  return router;
}

/** Leads a browser that was given the server's bare address to the page. Other requests pass. */
export function leadToGraphiql(): RequestHandler {
  return (request, response, next) => {
    if (asksForPage(request)) response.redirect(303, 'graphql');
    else next();
  };
}

/** Clients that take anything don't ask for a page. */
function asksForPage(request: Request): boolean {
  return request.accepts(['json', 'html']) === 'html';
}
