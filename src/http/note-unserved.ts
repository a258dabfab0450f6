import type { Logger } from '../observability/logger.js';
import type { PodgateError } from '../model/errors.js';

const noted = new WeakSet<PodgateError>();

/** Writes to the log that something could not be served and why: once where one failure is the answer to many. */
export function noteUnserved(logger: Logger, failure: PodgateError, what: string): void {
  if (noted.has(failure)) return;
  noted.add(failure);
  logger.warn({ err: failure }, `${what} could not be served`);
}
