import express, { type Express, type Router } from 'express';
import { errorHandler, unknownRoute } from '../../src/http/error-handler.js';
import { requestIdentity } from '../../src/http/request-id.js';
import { requestLog } from '../../src/http/request-log.js';
import { securityHeaders } from '../../src/http/security-headers.js';
import { guardRequests } from '../../src/http/request-guard.js';
import { createMetrics, type Metrics } from '../../src/observability/metrics.js';
import { recordedLogger } from '../support/run-record.js';

export interface Harness {
  readonly app: Express;
  readonly metrics: Metrics;
  /** The log's lines so far. */
  readonly lines: () => readonly Record<string, unknown>[];
}

/** A small app with all of the common middleware around the given routes. */
export function harness(routes: Router | express.RequestHandler): Harness {
  const written: string[] = [];
  const logger = recordedLogger('debug', (line) => void written.push(line));
  const metrics = createMetrics();
  const app = express();
  app.disable('x-powered-by');
  app.use(requestIdentity(logger), requestLog(metrics), securityHeaders(), guardRequests());
  app.use(routes);
  app.use(unknownRoute(), errorHandler());
  return { app, metrics, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}
