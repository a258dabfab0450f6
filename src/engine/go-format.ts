import type { Int64, JsonValue } from './json.js';
import type { FieldError, FieldErrorType } from './violation.js';

/** What Go's `unicode.IsPrint` accepts: letters, marks, numbers, punctuation, symbols and the plain blank. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const NEEDS_NO_ESCAPE = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** Go's `%q` of a string (`strconv.Quote`). */
export function quote(text: string): string {
  if (NEEDS_NO_ESCAPE.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const char of text) quoted += escape(char);
  return `${quoted}"`;
}

function escape(char: string): string {
  const short = SHORT_ESCAPES[char];
  if (short !== undefined) return short;
  if (PRINTABLE.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  // JSON can hold half a surrogate pair, Go cannot: its decoder has put the replacement character there.
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0');
}

/** Go's `%v` of a list of ID ranges: `[{1 2} {10 20}]`. */
export function formatRanges(ranges: readonly { readonly min: Int64; readonly max: Int64 }[]): string {
  return `[${ranges.map(({ min, max }) => `{${min} ${max}}`).join(' ')}]`;
}

/** What Kubernetes calls the types of field errors, and whether it prints the offending value with them. */
const TYPES: Readonly<Record<FieldErrorType, { readonly label: string; readonly withValue: boolean }>> = {
  Invalid: { label: 'Invalid value', withValue: true },
  NotSupported: { label: 'Unsupported value', withValue: true },
  Duplicate: { label: 'Duplicate value', withValue: true },
  Required: { label: 'Required value', withValue: false },
  Forbidden: { label: 'Forbidden', withValue: false },
  TooLong: { label: 'Too long', withValue: false },
};

/** A field error as Kubernetes prints it: `FIELD: Invalid value: VALUE: DETAIL`, or without a value. */
export function formatFieldError({ type, field, value, message }: FieldError): string {
  const { label, withValue } = TYPES[type];
  const parts = [field, label];
  if (withValue) parts.push(formatValue(value));
  if (message !== '') parts.push(message);
  return parts.join(': ');
}

/**
 * A value as it stands in a field error. Lists print in Go's syntax: of integers as `[]int64{1, 5}`, of strings with
 * the type that admission knows them by.
 */
function formatValue(value: JsonValue): string {
  if (value === null) return '"null"';
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object') return String(value);
  if (!isList(value)) return JSON.stringify(value);
  const type = typeof value[0] === 'string' ? 'core.Capability' : 'int64';
  return `[]${type}{${value.map(formatValue).join(', ')}}`;
}

/** `Array.isArray` does not see readonly arrays. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
