import type { ErrorCode } from '../model/errors.js';

/** Every kind of failure that a client can be shown: the domain's codes, and the one for what nobody foresaw. */
export type ProblemCode = ErrorCode | 'INTERNAL';

/** What all problems of one kind share. */
export interface ProblemType {
  /** HTTP status. */
  readonly status: number;
  /** Stable name, the last part of the `type` URI. */
  readonly slug: string;
  /** The same sentence in every occurrence, as RFC 9457 wants it. */
  readonly title: string;
}

/** The one table from code to HTTP. Its entries are explained one by one in docs/problems.md. */
export const PROBLEM_TYPES: Readonly<Record<ProblemCode, ProblemType>> = {
  MALFORMED: { status: 400, slug: 'malformed', title: 'The request could not be read' },
  INVALID_CURSOR: { status: 400, slug: 'invalid-cursor', title: 'The cursor does not belong to this list' },
  UNAUTHENTICATED: { status: 401, slug: 'unauthenticated', title: 'A valid token is needed' },
  FORBIDDEN: { status: 403, slug: 'forbidden', title: 'The token does not allow this' },
  NOT_FOUND: { status: 404, slug: 'not-found', title: 'There is no such thing' },
  METHOD_NOT_ALLOWED: { status: 405, slug: 'method-not-allowed', title: 'The method is not allowed here' },
  NOT_ACCEPTABLE: {
    status: 406,
    slug: 'not-acceptable',
    title: 'None of the accepted media types is available',
  },
  TIMEOUT: { status: 408, slug: 'timeout', title: 'The request took too long' },
  CONFLICT: { status: 409, slug: 'conflict', title: 'The request conflicts with the present state' },
  POLICY_ARCHIVED: { status: 409, slug: 'policy-archived', title: 'The policy is archived' },
  STALE_VERSION: { status: 412, slug: 'stale-version', title: 'The policy has another version meanwhile' },
  TOO_LARGE: { status: 413, slug: 'too-large', title: 'The request is too large' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    slug: 'unsupported-media-type',
    title: 'The body is of an unsupported type',
  },
  INVALID: { status: 422, slug: 'invalid', title: 'The request is not valid' },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    slug: 'idempotency-key-reused',
    title: 'The idempotency key was used for another request',
  },
  TOO_MANY_REQUESTS: { status: 429, slug: 'too-many-requests', title: 'Too many requests' },
  INTERNAL: { status: 500, slug: 'internal', title: 'Podgate failed to answer' },
  UNAVAILABLE: { status: 503, slug: 'unavailable', title: 'Podgate cannot answer at the moment' },
};

/** The `type` URI of a kind of problem: stable, the same at every address a server is reached under. */
export function problemUri(slug: string): string {
  return `urn:podgate:problem:${slug}`;
}
