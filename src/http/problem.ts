import type { ServerResponse } from 'node:http';
import type { InputProblem, PodgateError } from '../model/errors.js';
import { exactJson } from '../model/exact-json.js';
import { PROBLEM_TYPES, type ProblemCode, problemUri } from './problem-types.js';

/** The media type of every failed answer. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** A problem document as of RFC 9457. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Names this very occurrence: the request id, under which the server's log tells more. */
  readonly instance: string;
  /** Each single thing that is wrong, where a place is known. */
  readonly errors?: readonly InputProblem[];
}

/** What a problem document is made of; a {@link PodgateError} is one. */
export type ProblemSource = Pick<PodgateError, 'message' | 'problems' | 'retryAfterSeconds'> & {
  readonly code: ProblemCode;
};

/** What clients see of a failure that nobody foresaw: nothing but the request id in `instance`. */
export const INTERNAL_PROBLEM: ProblemSource = {
  code: 'INTERNAL',
  message: 'An unexpected failure; the log has more under the request id',
  problems: [],
  retryAfterSeconds: undefined,
};

/** The document for one failed request. */
export function problemDocument(problem: ProblemSource, requestId: string): ProblemDocument {
  const { status, slug, title } = PROBLEM_TYPES[problem.code];
  const errors = problem.problems.map(problemMember);
  return {
    type: problemUri(slug),
    title,
    status,
    detail: problem.message,
    instance: `urn:podgate:request:${requestId}`,
    ...(errors.length === 0 ? {} : { errors }),
  };
}

/** Answers with the problem, whatever the request accepts; headers that the code demands included. */
export function sendProblem(response: ServerResponse, problem: ProblemSource, requestId: string): void {
  const { status } = PROBLEM_TYPES[problem.code];
  const body = Buffer.from(exactJson(problemDocument(problem, requestId)));
  response.statusCode = status;
  response.setHeader('Content-Type', PROBLEM_MEDIA_TYPE);
  response.setHeader('Content-Length', body.length);
  response.setHeader('Cache-Control', 'no-store');
  if (problem.code === 'UNAUTHENTICATED') response.setHeader('WWW-Authenticate', 'Bearer realm="podgate"');
  if (problem.retryAfterSeconds !== undefined) response.setHeader('Retry-After', problem.retryAfterSeconds);
  response.end(body);
}

/**
 * Only the members that the contract names, in its order. RFC 9457's pointer is one into the body: what is wrong with a
 * parameter or header has its name as field instead.
 */
function problemMember(problem: InputProblem): InputProblem {
  const { pointer, line, column, type, value, message } = problem;
  const isPointer = pointer === '' || pointer?.startsWith('/') === true;
  const field = problem.field ?? (isPointer ? undefined : pointer);
  return {
    ...(isPointer ? { pointer } : {}),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(type === undefined ? {} : { type }),
    ...(field === undefined ? {} : { field }),
    ...(value === undefined ? {} : { value }),
    message,
  };
}
