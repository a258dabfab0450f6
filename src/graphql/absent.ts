import { type ErrorCode, PodgateError } from '../model/errors.js';

/** What an operation finds, or null where it isn't there: unknown things are no errors in GraphQL. */
export function orNull<T>(found: Promise<T>): Promise<T | null> {
  return found.catch(nullFor(['NOT_FOUND']));
}

/** What an operation finds, or null where it isn't there or the caller may not read it. */
export function ifReadable<T>(found: Promise<T>): Promise<T | null> {
  return found.catch(nullFor(['NOT_FOUND', 'FORBIDDEN']));
}

function nullFor(codes: readonly ErrorCode[]): (error: unknown) => null {
  return (error) => {
    if (error instanceof PodgateError && codes.includes(error.code)) return null;
    throw error;
  };
}
