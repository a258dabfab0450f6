import type { JsonObject } from '../kubernetes/json-value.js';
import { pointerTokens } from '../kubernetes/json-pointer.js';
import { type InputProblem, PodgateError } from '../model/errors.js';
import type { Locate } from './problems-of.js';

/** A JSON body as it was submitted, and where its parts stand. */
export interface SubmittedObject {
  readonly value: JsonObject;
  readonly locate: Locate;
}

/**
 * The error with line and column for each problem that points into the body: operations know values, only the transport
 * has seen the text.
 */
export function placedError(error: unknown, submitted: SubmittedObject): unknown {
  if (!(error instanceof PodgateError) || !error.problems.some((problem) => isIn(submitted.value, problem)))
    return error;
  const problems = error.problems.map((problem) =>
    isIn(submitted.value, problem) ? { ...problem, ...submitted.locate(problem.pointer ?? '') } : problem,
  );
  const { retryAfterSeconds } = error;
  return new PodgateError(error.code, error.message, {
    problems,
    cause: error,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** Whether the problem is about a part of the body: what isn't there stands where it is missing, if that is in the body. */
function isIn(value: JsonObject, { pointer, line }: InputProblem): boolean {
  if (line !== undefined || pointer === undefined || !pointer.startsWith('/')) return false;
  const [first = '', ...rest] = pointerTokens(pointer);
  return rest.length > 0 || Object.hasOwn(value, first);
}
