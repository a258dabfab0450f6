import { exactJson } from './exact-json.js';
import { LONGEST_MESSAGE, shortened } from './shortened.js';

/**
 * What can be wrong with a request, in the domain's words. Transports translate a code once, at the border
 * (`http/problem.ts` to a status, `graphql/format-error.ts` to an extension, `graphql/user-errors.ts` to a user error).
 */
export type ErrorCode =
  | 'MALFORMED'
  | 'INVALID'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'NOT_ACCEPTABLE'
  | 'CONFLICT'
  | 'POLICY_ARCHIVED'
  | 'STALE_VERSION'
  | 'TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INVALID_CURSOR'
  | 'TOO_MANY_REQUESTS'
  | 'UNAVAILABLE'
  | 'TIMEOUT';

/** A value that JSON can show; bigint stands for an integer beyond 2^53. */
export type ProblemValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly ProblemValue[]
  | { readonly [key: string]: ProblemValue };

/** One thing that is wrong, and where: as the members of `errors` in a problem document (RFC 9457). */
export interface InputProblem {
  readonly message: string;
  /** JSON Pointer (RFC 6901) into the submitted value, or the name of an argument, a path's part, a query parameter or header. */
  readonly pointer?: string;
  /** Line in the whole request body, from 1. */
  readonly line?: number;
  /** Column in that line, from 1. */
  readonly column?: number;
  /** Kubernetes' error type without its prefix: Invalid, Required, Forbidden, NotSupported, Duplicate, TooLong. */
  readonly type?: string;
  /** Kubernetes' field path, such as `spec.containers[0].image`. */
  readonly field?: string;
  readonly value?: ProblemValue;
}

/** What else a {@link PodgateError} can carry. */
export interface PodgateErrorOptions {
  readonly problems?: readonly InputProblem[];
  /** Seconds after which trying again makes sense (`Retry-After`). */
  readonly retryAfterSeconds?: number;
  /** What caused it: kept for the log, never shown to a client. */
  readonly cause?: unknown;
}

/** Most problems of one failure: nobody reads more, and what is said of a request must not grow beyond all bounds. */
export const MOST_PROBLEMS = 1_000;

/**
 * A failure that the caller can understand: a code, one sentence, and every problem at once, of which at most
 * {@link MOST_PROBLEMS}. Long messages are cut and long values left out: they repeat what the caller has.
 */
export class PodgateError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly InputProblem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: PodgateErrorOptions = {}) {
    super(shortened(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PodgateError';
    this.code = code;
    this.problems = (options.problems ?? []).slice(0, MOST_PROBLEMS).map(withinBounds);
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

function withinBounds(problem: InputProblem): InputProblem {
  const { value, ...rest } = problem;
  const message = shortened(problem.message);
  const isShown = value !== undefined && lengthOf(value) <= LONGEST_MESSAGE;
  return isShown ? { ...rest, value, message } : { ...rest, message };
}

function lengthOf(value: ProblemValue): number {
  return typeof value === 'string' ? value.length : exactJson(value).length;
}

/** The error for something that isn't there, or isn't there for this caller: the two can't be told apart. */
export function notFound(what: string, name: string): PodgateError {
  return new PodgateError('NOT_FOUND', `${what} ${JSON.stringify(name)} was not found`);
}

/** The error for a version that a policy doesn't have. */
export function noVersion(policy: string, version: number): PodgateError {
  return new PodgateError('NOT_FOUND', `Policy ${JSON.stringify(policy)} has no version ${version}`);
}

/** The error for input that can be read but isn't valid; `problems` names each place. */
export function invalid(message: string, problems: readonly InputProblem[] = [{ message }]): PodgateError {
  return new PodgateError('INVALID', message, { problems });
}
