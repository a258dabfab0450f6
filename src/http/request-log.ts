import type { RequestHandler } from 'express';
import type { Level } from '../observability/logger.js';
import { maskSecrets } from '../observability/mask-secrets.js';
import type { Metrics } from '../observability/metrics.js';
import { requestContext } from './request-context.js';

/** Routes that are asked every few seconds by machines: worth a line only when someone looks closely. */
const QUIET_ROUTES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** nginx's status for a client that went away before its answer. */
const CLIENT_CLOSED_REQUEST = 499;

const SERVICE_UNAVAILABLE = 503;

/** How much of a path is written, in characters: anybody may send one as long as a head. */
const LONGEST_PATH = 2_048;

/** Writes one line and one measurement for each request when its answer is out, or the client gone. */
export function requestLog(metrics: Pick<Metrics, 'observeRequest'>): RequestHandler {
  return (request, response, next) => {
    const begin = performance.now();
    const path = request.path;
    response.once('close', () => {
      const context = requestContext(request);
      const milliseconds = performance.now() - begin;
      const status = response.writableFinished ? response.statusCode : CLIENT_CLOSED_REQUEST;
      const route = context.route ?? 'unmatched';
      metrics.observeRequest({ method: request.method, route, status, seconds: milliseconds / 1000 });
      const level = levelOf(status, route);
      if (!context.logs(level)) return;
      context.logger[level](
        {
          method: request.method,
          path: shortened(path),
          route,
          status,
          milliseconds: Math.round(milliseconds * 1000) / 1000,
          actor: context.principal?.actor ?? null,
        },
        'request',
      );
    });
    next();
  };
}

function levelOf(status: number, route: string): Level {
  // What Podgate depends on is away: no fault of its own, and anybody can ask for it as often as he likes.
  if (status === SERVICE_UNAVAILABLE) return 'warn';
  if (status >= 500) return 'error';
  return QUIET_ROUTES.has(route) ? 'debug' : 'info';
}

/** Masked before it is cut: half a secret would no longer look like one. */
function shortened(path: string): string {
  return path.length <= LONGEST_PATH ? path : `${maskSecrets(path).slice(0, LONGEST_PATH)}…`;
}
