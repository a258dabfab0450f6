import { errors, type JWTVerifyGetKey } from 'jose';
import { PodgateError } from '../model/errors.js';

/** How often the keys of an issuer are read; seconds. */
export interface KeyTimes {
  /** How long keys are used before they are read again. */
  readonly keysFor: number;
  /** Least time between two readings because of a key that isn't known: nobody can make us ask all the time. */
  readonly pause: number;
  /** How long nothing is read after a failure. */
  readonly afterFailure: number;
}

interface KnownKeys {
  readonly find: JWTVerifyGetKey;
  readonly readAt: number;
}

interface Failure {
  readonly error: PodgateError;
  readonly at: number;
}

/**
 * Keeps an issuer's keys and reads them again in time, once for all who wait. Where that fails, throws UNAVAILABLE:
 * for a while the very same error, so that whoever can't show a good token can't have the issuer asked, or the log
 * written, for each bad one. Keys that are known go on being found.
 */
export function keepIssuerKeys(read: () => Promise<JWTVerifyGetKey>, times: KeyTimes): JWTVerifyGetKey {
  let known: KnownKeys | null = null;
  let failure: Failure | null = null;
  let reading: Promise<KnownKeys> | null = null;

  async function readOnce(): Promise<KnownKeys> {
    try {
      known = { find: await read(), readAt: performance.now() };
      return known;
    } catch (cause) {
      failure = { error: keysUnavailable(cause), at: performance.now() };
      throw failure.error;
    } finally {
      reading = null;
    }
  }

  async function readAgain(): Promise<KnownKeys> {
    if (failure !== null && !isPast(failure.at, times.afterFailure)) throw failure.error;
    reading ??= readOnce();
    return reading;
  }

  return async (header, token) => {
    const present = known !== null && !isPast(known.readAt, times.keysFor) ? known : await readAgain();
    try {
      return await present.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !isPast(present.readAt, times.pause)) throw error;
      return (await readAgain()).find(header, token);
    }
  };
}

/** That the issuer's keys can't be read, or not be used. */
export function keysUnavailable(cause: unknown): PodgateError {
  return new PodgateError('UNAVAILABLE', "The identity provider's keys can not be read", {
    retryAfterSeconds: 5,
    cause,
  });
}

/** Whether so many seconds have passed since a moment of the process's clock. */
function isPast(moment: number, seconds: number): boolean {
  return performance.now() - moment >= seconds * 1000;
}
