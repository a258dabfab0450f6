/** What an API server waits where it doesn't say: the default of a webhook's `timeoutSeconds`. */
const DEFAULT_MS = 10_000;
/** The largest `timeoutSeconds` that an API server takes. */
export const LONGEST_MS = 30_000;

const MS_OF_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/**
 * The milliseconds that an API server waits for its answer, from `timeout` of the query: a duration as Go writes it
 * (`10s`, `1m30s`). Anything else counts as the default of 10 seconds.
 */
export function reviewTimeout(timeout: unknown): number {
  if (typeof timeout !== 'string' || timeout === '') return DEFAULT_MS;
  let milliseconds = 0;
  let at = 0;
  while (at < timeout.length) {
    PART.lastIndex = at;
    const [part, number, unit = ''] = PART.exec(timeout) ?? [];
    if (part === undefined) return DEFAULT_MS;
    milliseconds += Number(number) * (MS_OF_UNIT[unit] ?? 0);
    at += part.length;
  }
  return milliseconds > 0 ? Math.min(milliseconds, LONGEST_MS) : DEFAULT_MS;
}
