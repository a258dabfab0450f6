import { parseEvents, YAMLException } from 'js-yaml';
import { InputFailure } from './input-problem.js';
import { JsonLocator } from './json-locator.js';
import { JsonReader } from './json-reader.js';
import { isList, type JsonValue } from './json-value.js';
import { type DuplicateKey, offsetOf, YamlComposer } from './yaml-composer.js';

/** How much one body may hold. */
export interface ManifestLimits {
  /** Objects, those in lists included; YAML documents, empty ones included. */
  readonly objects: number;
  /** Levels of nested lists and objects. Kubernetes' own objects need about 20, its CRDs about 40. */
  readonly depth: number;
  /** Values of any kind, keys included; real manifests have one in about 15 bytes. */
  readonly values: number;
}

/** The part of a text that one document takes, its mark included, by offsets. */
export interface DocumentRange {
  readonly start: number;
  readonly end: number;
}

/** The values of a text; plain data. */
export interface TextStream {
  /** Not null: empty YAML documents are left out. */
  readonly values: readonly JsonValue[];
  /** Where each value's YAML document stands; empty for JSON. */
  readonly ranges: readonly DocumentRange[];
  readonly duplicates: readonly DuplicateKey[];
}

/** Characters that YAML's reader refuses anywhere (YAML 1.1, `c-printable`); unpaired surrogates among them. */
const NOT_PRINTABLE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
/** A line that starts (`---`) or ends (`...`) a document: at the beginning of a line it can be nothing else. */
const DOCUMENT_MARK = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;

/** Reads a stream of YAML documents. Throws {@link InputFailure}. */
export function readYamlStream(text: string, limits: ManifestLimits): TextStream {
  const unprintable = text.search(NOT_PRINTABLE);
  if (unprintable >= 0) {
    const code = text.charCodeAt(unprintable).toString(16).toUpperCase().padStart(4, '0');
    throw new InputFailure(
      'MALFORMED',
      `the control character U+${code} is not allowed in YAML`,
      unprintable,
    );
  }
  const marks = documentMarks(text, limits);
  const composer = new YamlComposer(text, yamlEvents(text, limits), limits.depth);
  const values: JsonValue[] = [];
  const ranges: DocumentRange[] = [];
  let mark = 0;
  for (let each = composer.nextDocument(); each !== undefined; each = composer.nextDocument()) {
    if (each.value === null) continue;
    while (mark < marks.length && (marks[mark] ?? 0) <= each.offset) mark += 1;
    values.push(each.value);
    ranges.push({ start: marks[mark - 1] ?? 0, end: marks[mark] ?? text.length });
  }
  return { values, ranges, duplicates: composer.duplicates };
}

/** Where documents may begin, apart from the first one. */
function documentMarks(text: string, limits: ManifestLimits): number[] {
  const marks: number[] = [];
  let starts = 0;
  let ends = 0;
  for (const { 0: mark, index } of text.matchAll(DOCUMENT_MARK)) {
    marks.push(index);
    if (mark === '---') starts += 1;
    else ends += 1;
    if (Math.max(starts, ends) > limits.objects + 1) {
      throw new InputFailure('TOO_LARGE', `more than ${limits.objects} documents in one body`, index);
    }
  }
  return marks;
}

function yamlEvents(text: string, limits: ManifestLimits) {
  try {
    const events = parseEvents(text, { maxDepth: limits.depth });
    const excess = events[limits.values];
    if (excess === undefined) return events;
    throw new InputFailure(
      'TOO_LARGE',
      `more than ${limits.values} values in one body`,
      offsetOf(excess) ?? 0,
    );
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new InputFailure('MALFORMED', error.reason, error.mark?.position ?? 0);
  }
}

/** Reads one JSON value; an array counts as a stream of its elements. Throws {@link InputFailure}. */
export function readJsonStream(text: string, limits: ManifestLimits): TextStream {
  const reader = new JsonReader(text, limits.depth, limits.values);
  const value = reader.readAll();
  const locator = new JsonLocator(text);
  const duplicates = reader.repeated.map(({ object, key, offset }) => {
    return { key, first: locator.keyOffset(object, key) ?? offset, second: offset };
  });
  return { values: isList(value) ? value : [value], ranges: [], duplicates };
}
