import { InputFailure, type Refusal } from './input-problem.js';
import { flattenLists, type ManifestDocument } from './list-items.js';
import { decodeText, type Position, SourceText } from './source-text.js';
import { JsonTextLocator, type TextLocator, YamlStreamLocator } from './text-locator.js';
import {
  type DocumentRange,
  type ManifestLimits,
  readJsonStream,
  readYamlStream,
  type TextStream,
} from './text-stream.js';

/** The two notations of manifests. */
export type ManifestFormat = 'yaml' | 'json';

/** What the server accepts: more objects than fit into its largest body of real manifests. */
export const DEFAULT_MANIFEST_LIMITS: ManifestLimits = { objects: 10_000, depth: 100, values: 500_000 };

/** The objects of a body, and where their parts stand in it. */
export interface Manifests {
  readonly ok: true;
  /** The body, decoded. */
  readonly text: string;
  readonly format: ManifestFormat;
  readonly documents: readonly ManifestDocument[];
  /**
   * Where the value at a pointer into `document.value` stands in the body: a member's key, an element's first
   * character; of something that isn't there, its nearest parent.
   */
  locate(document: ManifestDocument, pointer: string): Position;
}

/** What reading a body gives: its objects, or why not. */
export type ParsedManifests = Manifests | Refusal;

/**
 * Manifests without the means to find places in them: plain data, which can be handed from one thread to another with
 * `postMessage`. {@link withPositions} makes {@link Manifests} of them.
 */
export interface ReadManifests {
  readonly ok: true;
  readonly text: string;
  readonly format: ManifestFormat;
  readonly ranges: readonly DocumentRange[];
  readonly documents: readonly ManifestDocument[];
}

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
  const read = readManifests(body, format, limits);
  return read.ok ? withPositions(read) : read;
}

/** Finds places in manifests; what has to be parsed again for that is parsed when a place is first asked for. */
export function withPositions({ text, format, ranges, documents }: ReadManifests): Manifests {
  const source = new SourceText(text);
  const locator = locatorOf(text, format, ranges);
  return {
    ok: true,
    text,
    format,
    documents,
    locate({ index, pointer: start }, pointer) {
      return source.position(locator.locate(index, start + pointer));
    },
  };
}

/** As {@link parseManifests}, with plain data as its result. */
export function readManifests(
  body: Uint8Array | string,
  format: ManifestFormat,
  limits: ManifestLimits = DEFAULT_MANIFEST_LIMITS,
): ReadManifests | Refusal {
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
  return flatten(stream, source, format, limits);
}

function locatorOf(text: string, format: ManifestFormat, ranges: readonly DocumentRange[]): TextLocator {
  return format === 'json' ? new JsonTextLocator(text) : new YamlStreamLocator(text, ranges);
}

function flatten(
  stream: TextStream,
  source: SourceText,
  format: ManifestFormat,
  limits: ManifestLimits,
): ReadManifests | Refusal {
  const { documents, problems } = flattenLists(stream.values, limits.objects);
  const { text } = source;
  const excess = documents[limits.objects];
  if (excess === undefined && problems.length === 0) {
    return { ok: true, text, format, ranges: stream.ranges, documents };
  }
  const locator = locatorOf(text, format, stream.ranges);
  const place = (index: number, pointer: string) => source.position(locator.locate(index, pointer));
  if (excess !== undefined) {
    const message = `more than ${limits.objects} objects in one body`;
    return { ok: false, code: 'TOO_LARGE', problems: [{ message, ...place(excess.index, excess.pointer) }] };
  }
  const refusals = problems.map(({ index, pointer, message }) => ({
    message,
    pointer,
    ...place(index, pointer),
  }));
  return { ok: false, code: 'INVALID', problems: refusals };
}

function refuseDuplicates(stream: TextStream, source: SourceText): Refusal {
  const problems = stream.duplicates.map(({ key, first, second }) => {
    const message = `duplicate key ${JSON.stringify(key)}, first seen in line ${source.position(first).line}`;
    return source.problem(message, second);
  });
  return { ok: false, code: 'MALFORMED', problems };
}
