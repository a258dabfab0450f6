import { InputFailure } from '../../kubernetes/input-problem.js';
import { JsonReader } from '../../kubernetes/json-reader.js';
import { isList, type JsonObject, type JsonValue } from '../../kubernetes/json-value.js';

/** A document under the id that the file gives it. */
export interface ManifestEntry {
  readonly id: string;
  readonly text: string;
}

/** What a file holds: what could be read of it, and everything that couldn't. */
export interface Manifest {
  readonly entries: readonly ManifestEntry[];
  readonly problems: readonly string[];
}

const APOLLO_FORMAT = 'apollo-persisted-query-manifest';
/** An object of objects and lists of those is all that there is. */
const MAX_DEPTH = 10;

/**
 * Reads a file of documents: an object from id to text, as Relay's compiler writes it, or the manifest of Apollo's
 * `generate-persisted-query-manifest`, version 1.
 */
export function readManifest(json: string): Manifest {
  const reader = new JsonReader(json, MAX_DEPTH);
  let root: JsonValue;
  try {
    root = reader.readAll();
  } catch (error) {
    if (!(error instanceof InputFailure)) throw error;
    return { entries: [], problems: [`is not JSON: ${error.message} (at offset ${error.offset})`] };
  }
  const repeated = reader.repeated.map(
    ({ key, offset }) => `has the key ${JSON.stringify(key)} twice in one object (at offset ${offset})`,
  );
  const { entries, problems } = entriesOf(root);
  return { entries, problems: [...repeated, ...problems] };
}

function entriesOf(root: JsonValue): Manifest {
  if (typeof root !== 'object' || root === null || isList(root)) {
    return { entries: [], problems: ['must hold an object from id to document, or the manifest of Apollo'] };
  }
  return root['format'] === APOLLO_FORMAT ? apolloEntries(root) : mapEntries(root);
}

function mapEntries(map: JsonObject): Manifest {
  const entries: ManifestEntry[] = [];
  const problems: string[] = [];
  for (const [id, text] of Object.entries(map)) {
    if (typeof text === 'string') entries.push({ id, text });
    else problems.push(`has no text for ${JSON.stringify(id)}`);
  }
  return { entries, problems };
}

function apolloEntries({ version, operations }: JsonObject): Manifest {
  if (version !== 1) return { entries: [], problems: ["must be version 1 of Apollo's manifest"] };
  if (operations === undefined || !isList(operations)) {
    return { entries: [], problems: ['must have a list of operations'] };
  }
  const entries: ManifestEntry[] = [];
  const problems: string[] = [];
  operations.forEach((operation, index) => {
    const entry = apolloEntry(operation);
    if (entry === null) problems.push(`has no id and body of type text in operation ${index}`);
    else entries.push(entry);
  });
  return { entries, problems };
}

function apolloEntry(operation: JsonValue): ManifestEntry | null {
  if (typeof operation !== 'object' || operation === null || isList(operation)) return null;
  const { id, body } = operation;
  return typeof id === 'string' && typeof body === 'string' ? { id, text: body } : null;
}
