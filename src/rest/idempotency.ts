import { createHash } from 'node:crypto';
import { invalid } from '../model/errors.js';
import type { RepeatableRequest } from '../operations/evaluation/evaluate-once.js';
import type { ManifestBody } from './body.js';
import type { HeaderParameter } from './route.js';

const NAME = 'Idempotency-Key';

/** The header by which a client makes sure that a request sent again is not carried out again. */
export const IDEMPOTENCY_HEADER: Readonly<Record<string, HeaderParameter>> = {
  [NAME]: {
    description:
      'The same key with the same body and query gives the first answer again for 24 hours and records nothing new. ' +
      '1 to 255 printable characters; it belongs to the token and the path.',
    example: 'pipeline-4711-manifests',
  },
};

/** Tells that the answer is the one to an earlier request. */
export const REPEATED = { 'Idempotency-Replayed': 'true' };

/** What tells this request from others; null where it bears no key. Throws INVALID for a key that is none. */
export function repeatable(
  header: (name: string) => string | undefined,
  path: string,
  query: object,
  body: ManifestBody,
): RepeatableRequest | null {
  const key = header(NAME);
  if (key === undefined) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const message = `${NAME} must be 1 to 255 printable characters without blanks`;
    throw invalid(message, [{ message, pointer: NAME, field: NAME }]);
  }
  const fingerprint = createHash('sha256')
    .update(`${JSON.stringify(query)}\n${body.format}\n`)
    .update(body.bytes)
    .digest('hex');
  return { key, path, fingerprint };
}
