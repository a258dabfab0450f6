import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/observability/metrics.js';

describe('the metrics', () => {
  it('count requests, evaluations, decisions and connections', async () => {
    const metrics = createMetrics();
    metrics.observeRequest({ method: 'GET', route: '/healthz', status: 200, seconds: 0.002 });
    metrics.observeEvaluation({ allowed: false, code: 'NO_POLICY_SATISFIED', micros: 30 });
    metrics.countDecisions(3);
    metrics.countAuthenticationFailure();
    metrics.watchPool(() => ({ total: 5, idle: 2, waiting: 1 }));
    const text = await metrics.render();
    for (const line of [
      'podgate_http_requests_total{method="GET",route="/healthz",status="200"} 1',
      'podgate_http_request_duration_seconds_bucket{le="0.0025",method="GET",route="/healthz"} 1',
      'podgate_evaluations_total{verdict="denied",code="NO_POLICY_SATISFIED"} 1',
      'podgate_evaluation_duration_seconds_bucket{le="0.00005"} 1',
      'podgate_decisions_recorded_total 3',
      'podgate_authentication_failures_total 1',
      'podgate_database_connections{state="busy"} 3',
      'podgate_database_connections{state="waiting"} 1',
      'process_cpu_seconds_total',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('are kept apart from those of another instance', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.countDecisions(1);
    expect(await other.render()).toContain('podgate_decisions_recorded_total 0');
  });
});
