import type { Logger } from '../observability/logger.js';
import type { FailedAttempts } from './failed-attempts.js';
import type { PodgateError } from '../model/errors.js';

/** A token that is not good, or a guess at the secret of a webhook's path. */
export interface WrongToken {
  /** Of the client. */
  readonly address: string;
  /** The `Authorization` header; null where it is the secret of a path that is wrong. */
  readonly authorization: string | null;
}

/** Where wrong tokens are counted and told. */
export interface WrongTokenSinks {
  readonly failedAttempts: FailedAttempts;
  /** Told of each, for the metrics. */
  readonly onFailure: () => void;
  readonly logger: Logger;
}

/**
 * Counts a wrong token and writes its address to the log, with nothing of the token but its kind. Returns the error for
 * the answer where there were too many from the address; of those beyond it only the first is logged in each window.
 */
export function noteWrongToken(
  { address, authorization }: WrongToken,
  { failedAttempts, onFailure, logger }: WrongTokenSinks,
): PodgateError | null {
  onFailure();
  const { tooMany, isWorthALine } = failedAttempts.count(address);
  const what = tooMany === null ? 'wrong token' : 'too many wrong tokens: the address is refused for a while';
  if (isWorthALine) logger.warn({ address, presented: kindOf(authorization) }, what);
  return tooMany;
}

/** What was presented by its form, none of its characters: it may be a good one of somewhere else. */
function kindOf(authorization: string | null): string {
  if (authorization === null) return 'secret of a webhook';
  if (/^Bearer +podgate_/i.test(authorization)) return 'token of Podgate';
  return /^Bearer +eyJ/i.test(authorization) ? 'JWT' : 'something else';
}
