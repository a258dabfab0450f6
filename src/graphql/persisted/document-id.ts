import { createHash } from 'node:crypto';

const SHA256_HEX = /^(?:sha256:)?([0-9a-f]{64})$/;
const CUSTOM = /^(?:x-[\w.~-]+:)?[\w.~-]+$/;

/** The id that every document has of its own: the digest of its text, as the appendix on persisted documents wants it. */
export function sha256IdOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** One spelling of an id: Apollo and Relay leave out the prefix of a SHA-256. */
export function canonicalId(id: string): string {
  const digest = SHA256_HEX.exec(id)?.[1];
  return digest === undefined ? id : `sha256:${digest}`;
}

/** Whether an id, in its one spelling, says that it is the digest of its document's text. */
export function isSha256Id(id: string): boolean {
  return id.startsWith('sha256:');
}

/**
 * Whether a text may be an id: a SHA-256, a word of letters, digits, `-`, `.`, `_` and `~`, or such a word behind a
 * prefix `x-…:`. GraphQL over HTTP keeps all other prefixes for itself.
 */
export function isDocumentId(id: string): boolean {
  return SHA256_HEX.test(id) || CUSTOM.test(id);
}
