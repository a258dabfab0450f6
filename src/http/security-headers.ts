import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Headers that keep a browser from doing anything with an answer but showing it. Nothing here is a page; a handler
 * that serves one (GraphiQL) replaces the `Content-Security-Policy` by its own. Other origins' pages can't read answers
 * unless `cors` lets them.
 */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
    },
    // TLS ends in front of Podgate, and who does that decides on HSTS.
    strictTransportSecurity: false,
  });
}
