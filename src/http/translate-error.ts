import { PodgateError, type ErrorCode } from '../model/errors.js';

/** Statuses with which Express and its parts refuse a request, and what they mean in our words. */
const CODE_OF_STATUS: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'MALFORMED'],
  [403, 'NOT_FOUND'], // a path that leads out of a folder of files
  [404, 'NOT_FOUND'],
  [405, 'METHOD_NOT_ALLOWED'],
  [406, 'NOT_ACCEPTABLE'],
  [408, 'TIMEOUT'],
  [412, 'STALE_VERSION'],
  [413, 'TOO_LARGE'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
]);

/**
 * What a thrown value means to the client: our own errors as they are, what Express and its parts refuse (a path with
 * broken percent-encoding, a body that a parser takes no further) by its status, and null for anything unforeseen.
 */
export function translateError(error: unknown): PodgateError | null {
  if (error instanceof PodgateError) return error;
  // The router marks what decodeURIComponent refused in a path with status 400.
  if (error instanceof URIError) {
    return new PodgateError('MALFORMED', 'The path has broken percent-encoding', { cause: error });
  }
  const status = clientStatus(error);
  const code = status === null ? undefined : CODE_OF_STATUS.get(status);
  if (status === null || code === undefined) return null;
  return new PodgateError(code, messageOf(error), { cause: error });
}

/** A 4xx status in the manner of http-errors: such errors say with `expose` that their message may be shown. */
function clientStatus(error: unknown): number | null {
  if (!(error instanceof Error) || !('status' in error) || !('expose' in error)) return null;
  return typeof error.status === 'number' && error.expose === true ? error.status : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'The request was refused';
}
