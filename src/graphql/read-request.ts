import type { RequestHandler } from 'express';
import { MOST_VALUES_AT_ONCE, readBody } from '../http/body.js';
import { parseStrictJson } from '../kubernetes/canonical-json.js';
import { InputFailure } from '../kubernetes/input-problem.js';
import { SourceText } from '../kubernetes/source-text.js';
import { type InputProblem, PodgateError } from '../model/errors.js';

/**
 * Reads the JSON of a GraphQL request into `request.body`, integers beyond 2^53 exactly. Refuses what GraphQL over HTTP
 * doesn't send: other media types, which a page of another origin could send unasked, and lists of operations.
 */
export function readRequest(bodyLimit: number): RequestHandler {
  return async (request, _response, next) => {
    if (!request.is('application/json')) {
      throw new PodgateError('UNSUPPORTED_MEDIA_TYPE', 'Operations are sent as application/json');
    }
    const body = parse(await readBody(request, bodyLimit));
    if (Array.isArray(body)) {
      throw new PodgateError('INVALID', 'One operation a request: batches are not supported');
    }
    request.body = body;
    next();
  };
}

function parse(body: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new PodgateError('MALFORMED', 'The body is not UTF-8', { cause });
  }
  try {
    return parseStrictJson(text, MOST_VALUES_AT_ONCE);
  } catch (cause) {
    const problems = placesOf(cause, text);
    if (isTooLarge(cause)) {
      const advice = 'send many objects as text, in `manifests`';
      throw new PodgateError('TOO_LARGE', `The body has too many values: ${advice}`, { problems, cause });
    }
    throw new PodgateError('MALFORMED', 'The body is not JSON', { problems, cause });
  }
}

function isTooLarge(error: unknown): boolean {
  if (!(error instanceof SyntaxError)) return false;
  return error.cause instanceof InputFailure && error.cause.code === 'TOO_LARGE';
}

/** What is wrong with the text, and where. */
function placesOf(error: unknown, text: string): readonly InputProblem[] {
  if (!(error instanceof SyntaxError)) return [];
  const { cause } = error;
  if (!(cause instanceof InputFailure)) return [{ message: error.message }];
  return [new SourceText(text).problem(cause.message, cause.offset)];
}
