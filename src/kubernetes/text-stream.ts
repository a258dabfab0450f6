import { parseEvents, YAMLException } from 'js-yaml';
import { InputFailure } from './input-problem.js';
import { JsonLocator } from './json-locator.js';
import { JsonReader } from './json-reader.js';
import { isList, type JsonValue } from './json-value.js';
import { type DuplicateKey, offsetOf, YamlComposer } from './yaml-composer.js';
import { YamlLocator } from './yaml-locator.js';

/** How much one body may hold. */
export interface ManifestLimits {
  /** Objects, those in lists included; YAML documents, empty ones included. */
  readonly objects: number;
  /** Levels of nested lists and objects. Kubernetes' own objects need about 20, its CRDs about 40. */
  readonly depth: number;
  /** Values of any kind, keys included; real manifests have one in about 15 bytes. */
  readonly values: number;
}

/** The values of a text, and where they stand in it. */
export interface TextStream {
  /** Not null: empty YAML documents are left out. */
  readonly values: readonly JsonValue[];
  readonly duplicates: readonly DuplicateKey[];
  /** The offset in the text of what a pointer into `values[index]` names, or of its nearest parent that is there. */
  locate(index: number, pointer: string): number;
}

/** Characters that YAML's reader refuses anywhere (YAML 1.1, `c-printable`); unpaired surrogates among them. */
const NOT_PRINTABLE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const DOCUMENT_MARKS = [/^---(?=[ \t\r\n]|$)/gm, /^\.\.\.(?=[ \t\r\n]|$)/gm];

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
  refuseTooManyDocuments(text, limits);
  const events = yamlEvents(text, limits);
  const composer = new YamlComposer(text, events, limits.depth);
  const values: JsonValue[] = [];
  const roots: number[] = [];
  for (let each = composer.nextDocument(); each !== undefined; each = composer.nextDocument()) {
    if (each.value === null) continue;
    values.push(each.value);
    roots.push(each.event);
  }
  let locator: YamlLocator | undefined;
  return {
    values,
    duplicates: composer.duplicates,
    locate(index, pointer) {
      locator ??= new YamlLocator(text, events, composer);
      return locator.locate(roots[index] ?? 0, pointer);
    },
  };
}

/** These marks at the beginning of a line always start or end a document, so they can be counted beforehand. */
function refuseTooManyDocuments(text: string, limits: ManifestLimits): void {
  for (const pattern of DOCUMENT_MARKS) {
    let count = 0;
    for (const mark of text.matchAll(pattern)) {
      count += 1;
      if (count > limits.objects + 1) {
        throw new InputFailure('TOO_LARGE', `more than ${limits.objects} documents in one body`, mark.index);
      }
    }
  }
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
  const locator = new JsonLocator(text, limits.depth);
  const duplicates = reader.repeated.map(({ object, key, offset }) => {
    return { key, first: locator.keyOffset(object, key) ?? offset, second: offset };
  });
  const start = text.search(/\S/);
  return {
    values: isList(value) ? value : [value],
    duplicates,
    locate: (index, pointer) => locator.locate(start, isList(value) ? `/${index}${pointer}` : pointer),
  };
}
