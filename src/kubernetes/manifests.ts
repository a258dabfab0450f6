import { InputFailure, type Refusal } from './input-problem.js';
import { flattenLists, type ManifestDocument, type NoObject } from './list-items.js';
import { decodeText, type Position, type SourceText } from './source-text.js';
import { type ManifestLimits, readJsonStream, readYamlStream, type TextStream } from './text-stream.js';

/** The two notations of manifests. */
export type ManifestFormat = 'yaml' | 'json';

/** What the server accepts: more objects than fit into its largest body of real manifests. */
export const DEFAULT_MANIFEST_LIMITS: ManifestLimits = { objects: 10_000, depth: 100, values: 500_000 };

/** The objects of a body, and where their parts stand in it. */
export interface Manifests {
  readonly ok: true;
  readonly documents: readonly ManifestDocument[];
  /**
   * Where the value at a pointer into `document.value` stands in the body: a member's key, an element's first
   * character; of something that isn't there, its nearest parent.
   */
  locate(document: ManifestDocument, pointer: string): Position;
}

export type { ManifestDocument };

/** What reading a body gives: its objects, or why not. */
export type ParsedManifests = Manifests | Refusal;

/**
 * Reads manifests as kubectl does: a stream of YAML documents, or a JSON object or array of objects; `List`s of any
 * kind are replaced by their items, empty documents dropped. Unlike kubectl it refuses duplicate keys, naming both
 * lines, and values that JSON can't hold. Never throws; a body without any object gives no documents.
 */
export function parseManifests(
  body: Uint8Array | string,
  format: ManifestFormat,
  limits: ManifestLimits = DEFAULT_MANIFEST_LIMITS,
): ParsedManifests {
  const decoded = decodeText(body);
  if (!decoded.ok) return decoded;
  const { source } = decoded;
  let stream: TextStream;
  try {
    stream = format === 'json' ? readJsonStream(source.text, limits) : readYamlStream(source.text, limits);
  } catch (error) {
    if (!(error instanceof InputFailure)) throw error;
    return { ok: false, code: error.code, problems: [source.problem(error.message, error.offset)] };
  }
  if (stream.duplicates.length > 0) return refuseDuplicates(stream, source);
  return manifestsOf(stream, source, limits);
}

function manifestsOf(stream: TextStream, source: SourceText, limits: ManifestLimits): ParsedManifests {
  const locate = (index: number, pointer: string) => source.position(stream.locate(index, pointer));
  const { documents, problems } = flattenLists(stream.values, limits.objects);
  const excess = documents[limits.objects];
  if (excess !== undefined) {
    const message = `more than ${limits.objects} objects in one body`;
    return { ok: false, code: 'TOO_LARGE', problems: [{ message, ...locate(excess.index, excess.pointer) }] };
  }
  if (problems.length > 0) {
    const place = ({ index, pointer, message }: NoObject) => ({
      message,
      pointer,
      ...locate(index, pointer),
    });
    return { ok: false, code: 'INVALID', problems: problems.map(place) };
  }
  return {
    ok: true,
    documents,
    locate: (document, pointer) => locate(document.index, document.pointer + pointer),
  };
}

function refuseDuplicates(stream: TextStream, source: SourceText): Refusal {
  const problems = stream.duplicates.map(({ key, first, second }) => {
    const message = `duplicate key ${JSON.stringify(key)}, first seen in line ${source.position(first).line}`;
    return source.problem(message, second);
  });
  return { ok: false, code: 'MALFORMED', problems };
}
