import { authorize } from '../access/authorize.js';
import type { Metrics } from '../observability/metrics.js';
import { text } from './reply.js';
import { type Route, route } from './route.js';

/** Sent with its charset, as all text is. */
const PROMETHEUS_TEXT = 'text/plain; version=0.0.4';

/** `/metrics`, for those who may read everything. */
export function metricsRoutes(metrics: Metrics): readonly Route[] {
  return [
    route(
      {
        id: 'getMetrics',
        method: 'get',
        path: '/metrics',
        tag: 'Operation',
        summary: "Read the server's metrics in Prometheus' text format",
        answers: { 200: { description: 'The metrics.', content: { [PROMETHEUS_TEXT]: null } } },
      },
      async ({ context }) => {
        authorize(context.principal, 'metrics:read');
        return text(200, PROMETHEUS_TEXT, await metrics.render());
      },
    ),
  ];
}
