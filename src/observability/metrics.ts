import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A request that was answered or cut off. */
interface ObservedRequest {
  readonly method: string;
  /** The route's template, so that the number of series stays bounded. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** A pod that was evaluated. */
interface ObservedEvaluation {
  readonly allowed: boolean;
  readonly code: string;
  /** Time that the engine took. */
  readonly micros: number;
}

/** The database connections of this process. */
interface PoolState {
  readonly total: number;
  readonly idle: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
}

/** What Podgate measures of itself, for Prometheus. */
export interface Metrics {
  /** All metrics in Prometheus' text format. */
  readonly render: () => Promise<string>;
  readonly observeRequest: (request: ObservedRequest) => void;
  readonly observeEvaluation: (evaluation: ObservedEvaluation) => void;
  readonly countDecisions: (recorded: number) => void;
  readonly countAuthenticationFailure: () => void;
  /** Reads the pool's state whenever the metrics are rendered. */
  readonly watchPool: (read: () => PoolState) => void;
}

const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const EVALUATION_BUCKETS = [
  0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.01, 0.1,
];

/** Makes the metrics in a registry of their own, beside those of the process (memory, event loop, CPU). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = requestMetrics(registry);
  const evaluations = evaluationMetrics(registry);
  const authenticationFailures = new Counter({
    name: 'podgate_authentication_failures_total',
    help: 'Requests refused for a wrong token.',
    registers: [registry],
  });
  return {
    render: () => registry.metrics(),
    ...requests,
    ...evaluations,
    countAuthenticationFailure: () => authenticationFailures.inc(),
    watchPool: (read) => watchPool(registry, read),
  };
}

function requestMetrics(registry: Registry): Pick<Metrics, 'observeRequest'> {
  const total = new Counter({
    name: 'podgate_http_requests_total',
    help: 'HTTP requests by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'podgate_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['method', 'route'],
    buckets: REQUEST_BUCKETS,
    registers: [registry],
  });
  return {
    observeRequest({ method, route, status, seconds }) {
      total.inc({ method, route, status });
      duration.observe({ method, route }, seconds);
    },
  };
}

function evaluationMetrics(registry: Registry): Pick<Metrics, 'observeEvaluation' | 'countDecisions'> {
  const total = new Counter({
    name: 'podgate_evaluations_total',
    help: 'Evaluated pods by verdict and code.',
    labelNames: ['verdict', 'code'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'podgate_evaluation_duration_seconds',
    help: 'Time that the engine took for a pod.',
    buckets: EVALUATION_BUCKETS,
    registers: [registry],
  });
  const decisions = new Counter({
    name: 'podgate_decisions_recorded_total',
    help: 'Decisions that were made durable.',
    registers: [registry],
  });
  return {
    observeEvaluation({ allowed, code, micros }) {
      total.inc({ verdict: allowed ? 'admitted' : 'denied', code });
      duration.observe(micros / 1e6);
    },
    countDecisions: (recorded) => decisions.inc(recorded),
  };
}

function watchPool(registry: Registry, read: () => PoolState): void {
  const connections = new Gauge({
    name: 'podgate_database_connections',
    help: 'Connections to the database by state, and requests waiting for one.',
    labelNames: ['state'],
    registers: [],
    collect() {
      const { total, idle, waiting } = read();
      this.set({ state: 'busy' }, total - idle);
      this.set({ state: 'idle' }, idle);
      this.set({ state: 'waiting' }, waiting);
    },
  });
  registry.registerMetric(connections);
}
