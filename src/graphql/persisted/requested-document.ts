import { GraphQLError } from 'graphql';
import { sha256IdOf } from './document-id.js';
import type { PersistedDocument, PersistedDocuments } from './persisted-documents.js';

/** What a request says of its document, as it came. */
export interface DocumentRequest {
  readonly query?: unknown;
  readonly documentId?: unknown;
  readonly extensions?: unknown;
}

/** The document that a request means: one of the file, or a text of its own; else why there is none. */
export type RequestedDocument =
  | { readonly kind: 'persisted'; readonly found: PersistedDocument }
  | { readonly kind: 'free'; readonly query: unknown }
  | { readonly kind: 'refused'; readonly error: GraphQLError };

/**
 * Finds the document that a request names by `documentId`, as GraphQL over HTTP has it, or by Apollo's
 * `extensions.persistedQuery.sha256Hash`. Where only documents of the file are answered, a text passes that is one of
 * them, character for character, and no other.
 */
export function requestedDocument(
  { query, documentId, extensions }: DocumentRequest,
  persisted: PersistedDocuments,
): RequestedDocument {
  const hash = hashOf(extensions);
  const id = documentId ?? hash;
  const hasText = typeof query === 'string' && query !== '';
  if (id === undefined) return hasText ? textOf(query, persisted) : { kind: 'free', query };
  if (typeof id !== 'string') return refused('BAD_REQUEST', 'A document id must be a text');
  if (!hasText) {
    const found = persisted.find(id);
    if (found !== undefined) return { kind: 'persisted', found };
    return refused('PERSISTED_DOCUMENT_NOT_FOUND', 'There is no persisted document with this id');
  }
  if ((documentId ?? undefined) !== undefined) {
    return refused('BAD_REQUEST', 'A request has a query or a documentId, not both');
  }
  // Apollo's clients send both; the text counts where it is what its digest says.
  return sha256IdOf(query) === `sha256:${id}`
    ? textOf(query, persisted)
    : refused('BAD_REQUEST', 'sha256Hash is not the SHA-256 of the query');
}

function textOf(query: string, persisted: PersistedDocuments): RequestedDocument {
  const found = persisted.find(sha256IdOf(query));
  if (found !== undefined) return { kind: 'persisted', found };
  if (!persisted.only) return { kind: 'free', query };
  return refused(
    'PERSISTED_DOCUMENT_REQUIRED',
    'Only persisted documents are answered: send the documentId of one of them',
  );
}

function hashOf(extensions: unknown): unknown {
  const persistedQuery = memberOf(extensions, 'persistedQuery');
  return memberOf(persistedQuery, 'sha256Hash');
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name] ?? undefined;
}

function refused(code: string, message: string): RequestedDocument {
  return { kind: 'refused', error: new GraphQLError(message, { extensions: { code } }) };
}
