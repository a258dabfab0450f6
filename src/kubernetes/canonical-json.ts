import { InputFailure } from './input-problem.js';
import { JsonReader } from './json-reader.js';
import { isList, type JsonObject, type JsonValue } from './json-value.js';

/** Nothing that Podgate writes nests deeper; what it reads is bounded more tightly. */
const MAX_DEPTH = 1_000;

/**
 * The one text of a value that digests are made of: no blanks, members in the order of their names' UTF-16 code units,
 * integers in full. Equal values have equal texts, whatever the order of their members was.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return isList(value) ? canonicalList(value) : canonicalObject(value);
}

function canonicalList(list: readonly JsonValue[]): string {
  let text = '[';
  for (const each of list) text += text === '[' ? canonicalJson(each) : `,${canonicalJson(each)}`;
  return `${text}]`;
}

function canonicalObject(object: JsonObject): string {
  let text = '{';
  for (const key of Object.keys(object).sort()) {
    text += `${text === '{' ? '' : ','}${quoted(key)}:${canonicalJson(object[key] ?? null)}`;
  }
  return `${text}}`;
}

/** What JSON can't hold as it is, and what `JSON.stringify` escapes besides: halves of surrogate pairs. */
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/** As `JSON.stringify`, whose call takes longer than looking through a short text that needs no escapes. */
function quoted(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/**
 * As `JSON.parse`, with integers beyond 2^53 as bigints. Throws a `SyntaxError` where the text is no JSON, or has an
 * object with the same key twice; where it has more values and keys than it may, the error's cause is TOO_LARGE.
 */
export function parseStrictJson(text: string, mostValues = Number.POSITIVE_INFINITY): JsonValue {
  const reader = new JsonReader(text, MAX_DEPTH, mostValues);
  let value: JsonValue;
  try {
    value = reader.readAll();
  } catch (error) {
    if (!(error instanceof InputFailure)) throw error;
    throw new SyntaxError(`${error.message} (at offset ${error.offset})`, { cause: error });
  }
  const repeated = reader.repeated[0];
  if (repeated !== undefined) throw new SyntaxError(`duplicate key ${JSON.stringify(repeated.key)}`);
  return value;
}
