import type { ErrorRequestHandler, RequestHandler } from 'express';
import { PodgateError } from '../model/errors.js';
import { noteUnserved } from './note-unserved.js';
import { PROBLEM_TYPES } from './problem-types.js';
import { INTERNAL_PROBLEM, sendProblem } from './problem.js';
import { requestContext } from './request-context.js';
import { translateError } from './translate-error.js';

/**
 * Turns whatever was thrown into a problem document. What nobody foresaw is logged with its cause and shown as a bare
 * 500; an answer that has already begun can only be cut off. Must come last.
 */
export function errorHandler(): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const { requestId, logger } = requestContext(request);
    const problem = translateError(error);
    if (problem === null) logger.error({ err: error }, 'request failed unexpectedly');
    else if (PROBLEM_TYPES[problem.code].status >= 500) noteUnserved(logger, problem, 'request');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, problem ?? INTERNAL_PROBLEM, requestId);
  };
}

/** Answers what no route has taken. Comes right before {@link errorHandler}. */
export function unknownRoute(): RequestHandler {
  return (request) => {
    throw new PodgateError('NOT_FOUND', `There is nothing at ${JSON.stringify(request.path)}`);
  };
}
