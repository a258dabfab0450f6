import { ipKeyGenerator } from 'express-rate-limit';
import { PodgateError } from '../model/errors.js';

/** How many wrong tokens an address may present in how long. */
export interface FailedAttemptsOptions {
  readonly limit: number;
  readonly windowSeconds: number;
  /** Most addresses remembered at once; the one longest known is forgotten first. */
  readonly capacity: number;
  /** Milliseconds of a clock. */
  readonly now: () => number;
}

/** The default limit: far above a misconfigured client's retries, far below what a guess would need. */
export const DEFAULT_FAILED_ATTEMPTS = { limit: 100, windowSeconds: 60, capacity: 10_000 } as const;

/** What is to be done about one more wrong token. */
interface FailedAttempt {
  /** The error for the answer where there were too many in the window. */
  readonly tooMany: PodgateError | null;
  /** False from the second that is too many in its window: a flood isn't to fill the log. */
  readonly isWorthALine: boolean;
}

/** Counts wrong tokens per address (an IPv6 address by its /56 network, since one client has as many as it likes). */
export interface FailedAttempts {
  /** Counts one more. */
  readonly count: (address: string) => FailedAttempt;
}

interface Window {
  readonly endsAt: number;
  failures: number;
}

/** Makes a counter in memory, with windows of fixed length that begin with the first failure. */
export function createFailedAttempts(options: FailedAttemptsOptions): FailedAttempts {
  const windows = new Map<string, Window>();
  return {
    count(address) {
      const key = address === '' ? address : ipKeyGenerator(address);
      const now = options.now();
      const window = currentWindow(windows, key, now, options);
      window.failures += 1;
      const beyond = window.failures - options.limit;
      if (beyond <= 0) return { tooMany: null, isWorthALine: true };
      const retryAfterSeconds = Math.max(1, Math.ceil((window.endsAt - now) / 1000));
      const message = 'Too many wrong tokens from this address';
      const tooMany = new PodgateError('TOO_MANY_REQUESTS', message, { retryAfterSeconds });
      return { tooMany, isWorthALine: beyond === 1 };
    },
  };
}

function currentWindow(
  windows: Map<string, Window>,
  key: string,
  now: number,
  { windowSeconds, capacity }: FailedAttemptsOptions,
): Window {
  const known = windows.get(key);
  if (known !== undefined && now < known.endsAt) return known;
  windows.delete(key);
  const [oldest] = windows.keys();
  if (oldest !== undefined && windows.size >= capacity) windows.delete(oldest);
  const fresh = { endsAt: now + windowSeconds * 1000, failures: 0 };
  windows.set(key, fresh);
  return fresh;
}
