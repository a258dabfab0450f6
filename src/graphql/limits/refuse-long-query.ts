import type { RequestHandler } from 'express';
import type { GraphQLError } from 'graphql';
import { formatError } from '../format-error.js';
import { limitError } from './limit-error.js';
import { LIMITS } from './limits.js';

/** The error for a document that a client sent and that is too long; null: it isn't, or it is no text at all. */
export function longQueryError(query: unknown): GraphQLError | null {
  if (typeof query !== 'string' || query.length <= LIMITS.characters) return null;
  return limitError('characters', LIMITS.characters, query.length);
}

/** Answers requests of which the document is too long: nothing of it is parsed. */
export const refuseLongQuery: RequestHandler = (request, response, next) => {
  const body: unknown = request.body;
  const query = typeof body === 'object' && body !== null && 'query' in body ? body.query : undefined;
  const error = longQueryError(query);
  if (error === null) next();
  else response.status(400).json({ errors: [formatError(error.toJSON(), error)] });
};
