import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { LIMIT_RULES, LIMITS } from '../limits/limits.js';
import { canonicalId, isDocumentId, isSha256Id, sha256IdOf } from './document-id.js';
import { readManifest } from './read-manifest.js';

/** A document that is known by an id. */
export interface PersistedDocument {
  readonly text: string;
  readonly document: DocumentNode;
}

/** The documents that clients may ask for by an id. */
export interface PersistedDocuments {
  /** Whether nothing else is answered: the file is the list of what is allowed. */
  readonly only: boolean;
  /** By the id that the file gives it, or by the SHA-256 of its text with or without `sha256:`. */
  readonly find: (id: string) => PersistedDocument | undefined;
}

/** Everything that is wrong with a file of documents, a line each. */
export interface PersistedDocumentProblems {
  readonly problems: readonly string[];
}

/**
 * Makes the documents of a file, each parsed, valid for the schema and within the limits of all operations but the
 * cost, which depends on variables. Says everything that is wrong where anything is.
 */
export function createPersistedDocuments(
  schema: GraphQLSchema,
  json: string,
  only: boolean,
): PersistedDocuments | PersistedDocumentProblems {
  const { entries, problems: unread } = readManifest(json);
  const problems = [...unread];
  const byId = new Map<string, PersistedDocument>();
  const byDigest = new Map<string, PersistedDocument>();
  for (const { id, text } of entries) {
    const say = (problem: string) => problems.push(`${JSON.stringify(id)} ${problem}`);
    const canonical = canonicalId(id);
    const digest = sha256IdOf(text);
    if (!isDocumentId(id)) say('is no document id');
    else if (byId.has(canonical)) say('is there twice');
    else if (isSha256Id(canonical) && canonical !== digest) say('is not the SHA-256 of its document');
    const read = readDocument(schema, text);
    if ('problems' in read) read.problems.forEach(say);
    else {
      byId.set(canonical, read);
      byDigest.set(digest, read);
    }
  }
  if (problems.length > 0) return { problems };
  return {
    only,
    find: (id) => {
      const canonical = canonicalId(id);
      return byId.get(canonical) ?? byDigest.get(canonical);
    },
  };
}

function readDocument(schema: GraphQLSchema, text: string): PersistedDocument | PersistedDocumentProblems {
  try {
    const document = parse(text, { maxTokens: LIMITS.tokens });
    const errors = validate(schema, document, [...specifiedRules, ...LIMIT_RULES]);
    if (errors.length > 0) return { problems: errors.map(told) };
    const runs = document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    return runs ? { text, document } : { problems: ['has no operation'] };
  } catch (error) {
    if (error instanceof GraphQLError) return { problems: [told(error)] };
    throw error;
  }
}

function told({ message, locations }: GraphQLError): string {
  const [place] = locations ?? [];
  return place === undefined
    ? `is not valid: ${message}`
    : `is not valid: ${message} (${place.line}:${place.column})`;
}
