import { isList, isObject, type JsonObject, type JsonValue } from './json-value.js';
import { resolvePlain } from './yaml-scalar.js';

/** Texts that no YAML reader takes for anything but themselves, unless they are words such as `yes`. */
const PLAIN = /^[A-Za-z_/][\w./-]*$/;
/** Characters that JSON leaves as they are and YAML would fold, strip or refuse. */
const NEEDS_ESCAPE = /[\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/g;

/**
 * Writes a value as block YAML that kubectl reads back as the same value: strings that YAML could take for a boolean,
 * a number, null or syntax are quoted. Members keep their order.
 */
export function writeYaml(value: JsonObject): string {
  return `${block(value, '').join('\n')}\n`;
}

function block(value: JsonObject | readonly JsonValue[], indent: string): string[] {
  if (isList(value)) {
    return value.flatMap((each) => {
      const [first = '', ...rest] = lines(each, `${indent}  `);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  const written: string[] = [];
  for (const [key, each] of Object.entries(value)) {
    const name = `${indent}${scalar(key)}:`;
    if (isEmpty(each) || typeof each !== 'object' || each === null) written.push(`${name} ${inline(each)}`);
    else {
      written.push(name);
      // One by one: as arguments of a call so many lines would be too many.
      for (const line of lines(each, isList(each) ? indent : `${indent}  `)) written.push(line);
    }
  }
  return written;
}

function lines(value: JsonValue, indent: string): string[] {
  if ((isObject(value) || isList(value)) && !isEmpty(value)) return block(value, indent);
  return [indent + inline(value)];
}

function isEmpty(value: JsonValue): boolean {
  return (isList(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
}

function inline(value: JsonValue): string {
  if (typeof value === 'string') return scalar(value);
  if (isList(value)) return '[]';
  return isObject(value) ? '{}' : String(value);
}

function scalar(text: string): string {
  if (PLAIN.test(text) && resolvePlain(text) === text) return text;
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(NEEDS_ESCAPE, (character) =>
    character >= '\ud800' && character <= '\udfff' ? character : escape(character),
  );
}
