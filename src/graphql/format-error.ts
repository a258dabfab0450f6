import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { PodgateError } from '../model/errors.js';
import { shortened } from '../model/shortened.js';

/** What clients see of a failure that nobody foresaw; the log has more under the request id. */
export const INTERNAL_ERROR = { message: 'Internal error', code: 'INTERNAL' } as const;

/** Code of the error for an operation that asks for too much; `extensions.limit` says of what. */
const LIMIT_EXCEEDED = 'LIMIT_EXCEEDED';

/** Codes of the errors that Apollo Server or we find in a request: their text is made for the client. */
const CLIENT_CODES: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_DOCUMENT_NOT_FOUND',
  'PERSISTED_DOCUMENT_REQUIRED',
]);

/** The error that was thrown, behind what GraphQL and Apollo Server put around it. */
export function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError !== undefined
    ? causeOf(error.originalError)
    : error;
}

/** Whether a request can bring the error about, so that its text is for the client; all others are for the log. */
export function isForeseen(error: unknown): boolean {
  const cause = causeOf(error);
  if (cause instanceof PodgateError) return true;
  if (!(error instanceof GraphQLError && cause instanceof GraphQLError)) return false;
  // GraphQL's complaints about an argument have no code but the place in the request that they are about. Those about a
  // variable, or about there being too many of them, come before any field is looked at, and have no path.
  const isAboutRequest = cause.nodes !== undefined || error.path === undefined;
  return CLIENT_CODES.has(error.extensions['code']) || isLimit(error) || isAboutRequest;
}

/**
 * What a client gets to see of an error: the code and every problem of our own ones, the text of those that GraphQL
 * finds in the request, cut where it is long, and nothing of all others.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  return { ...formatted, message: shortened(formatted.message), ...shown(formatted, error) };
}

function shown(formatted: GraphQLFormattedError, error: unknown) {
  const cause = causeOf(error);
  if (cause instanceof PodgateError) return { extensions: extensionsOf(cause) };
  if (!isForeseen(error)) {
    return { message: INTERNAL_ERROR.message, extensions: { code: INTERNAL_ERROR.code } };
  }
  const { code, limit } = formatted.extensions ?? {};
  if (limit !== undefined) return { extensions: { code: LIMIT_EXCEEDED, limit } };
  return { extensions: { code: CLIENT_CODES.has(code) ? code : 'BAD_USER_INPUT' } };
}

function isLimit(error: GraphQLError): boolean {
  return error.extensions['limit'] !== undefined;
}

function extensionsOf({ code, problems, retryAfterSeconds }: PodgateError): Record<string, unknown> {
  return {
    code,
    ...(problems.length === 0 ? {} : { problems }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}
