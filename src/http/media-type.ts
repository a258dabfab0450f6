import type { Request } from 'express';
import { PodgateError } from '../model/errors.js';

/**
 * The media type of the request's body, in lower case and without parameters, when it is one of `supported`.
 * Throws UNSUPPORTED_MEDIA_TYPE for another one, for none, and for a charset other than UTF-8.
 */
export function requestMediaType(request: Request, supported: readonly string[]): string {
  const header = request.get('Content-Type');
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (!supported.includes(type)) {
    const given =
      header === undefined
        ? 'There is no Content-Type'
        : `Content-Type ${JSON.stringify(type)} is not supported`;
    throw new PodgateError('UNSUPPORTED_MEDIA_TYPE', `${given}; supported: ${supported.join(', ')}`);
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset.replaceAll('"', ''))) {
    throw new PodgateError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Charset ${JSON.stringify(charset)} is not supported; use utf-8`,
    );
  }
  return type;
}

/**
 * The best of the offered media types for the request's `Accept`; the first where there is no such header. A client may
 * name the charset, which is always UTF-8. Throws NOT_ACCEPTABLE.
 */
export function negotiate<T extends string>(request: Request, offered: readonly [T, ...T[]]): T {
  if (request.headers.accept === undefined) return offered[0];
  const best = request.accepts(offered.flatMap((type) => [type, inUtf8(type)]));
  const match = offered.find((type) => type === best || inUtf8(type) === best);
  if (match === undefined) {
    throw new PodgateError(
      'NOT_ACCEPTABLE',
      `None of the accepted media types is available; there are ${offered.join(', ')}`,
    );
  }
  return match;
}

function inUtf8(type: string): string {
  return `${type}; charset=utf-8`;
}
