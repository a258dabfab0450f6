import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Nothing of these settings looks at the request. */
const setHeaders = helmet({
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

/**
 * Headers that keep a browser from doing anything with an answer but showing it. Nothing here is a page; a handler
 * that serves one (GraphiQL) replaces the `Content-Security-Policy` by its own. Other origins' pages can't read answers
 * unless `cors` lets them.
 *
 * Every answer has the same ones, so that helmet and its dozen of middlewares is asked once, not for each request.
 */
export function securityHeaders(): RequestHandler {
  const headers = headersOf(setHeaders);
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

function headersOf(middleware: typeof setHeaders): readonly (readonly [string, string])[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  middleware(request, response, (error) => {
    if (error !== undefined) throw new Error('helmet sets its headers without a failure', { cause: error });
  });
  return response.getHeaderNames().map((name) => [name, String(response.getHeader(name))]);
}
