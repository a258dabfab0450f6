/**
 * What a YAML scalar means to kubectl, which reads YAML with go-yaml v2 (`resolve.go`) and turns it into JSON:
 * y/n, yes/no, on/off are booleans; integers may be octal (`017`, `0o17`), hexadecimal, binary and have underscores;
 * there is no base 60; a date stays text.
 */

/** What a scalar resolves to; `refused` tells why JSON can't hold it. */
export type ScalarValue = null | boolean | number | bigint | string | { readonly refused: string };

const WORDS: ReadonlyMap<string, ScalarValue> = new Map<string, ScalarValue>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word) => [word, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, false] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...[
    '.nan',
    '.NaN',
    '.NAN',
    '.inf',
    '.Inf',
    '.INF',
    '+.inf',
    '+.Inf',
    '+.INF',
    '-.inf',
    '-.Inf',
    '-.INF',
  ].map((word) => [word, { refused: `${word} is no JSON value` }] as const),
]);

/** First characters that can start anything but a string. */
const SPECIAL_START = /^[-+0-9yYnNtTfFoO~.]/;
const DATE_START = /^\d{4}-/;
const DECIMAL = /^[-+]?(?:0|[1-9]\d*)$/;
const BASED = /^([-+]?)0(?:[xX]([0-9a-fA-F]+)|[oO]?([0-7]+)|[bB]([01]+))$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const LONGEST_WORD = 5;
/** Longer digits are no number that Kubernetes knows, and reading them takes quadratic time. */
const LONGEST_NUMBER = 400;

/** The exact integer: a number where it holds it, else a bigint. */
function exactInteger(value: bigint): number | bigint {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/** What a plain (unquoted) scalar without a tag means. */
export function resolvePlain(text: string): ScalarValue {
  if (text !== '' && !SPECIAL_START.test(text)) return text;
  if (text.length <= LONGEST_WORD) {
    const word = WORDS.get(text);
    if (word !== undefined) return word;
  }
  const first = text.charCodeAt(0);
  // Only a sign, a digit or a point is left to start something else than a word.
  if (first > 0x39 || text.length > LONGEST_NUMBER) return text;
  return resolveNumber(text);
}

function resolveNumber(text: string): ScalarValue {
  if (text.startsWith('.')) return FLOAT.test(text) ? resolveFloat(text, text) : text;
  if (DATE_START.test(text)) return text;
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  if (DECIMAL.test(plain)) {
    const value = Number(plain);
    return Number.isSafeInteger(value) ? value + 0 : BigInt(plain.startsWith('+') ? plain.slice(1) : plain);
  }
  const based = BASED.exec(plain);
  if (based !== null) {
    const [, sign, hex, octal, binary] = based;
    const magnitude = BigInt(
      hex !== undefined ? `0x${hex}` : octal !== undefined ? `0o${octal}` : `0b${binary}`,
    );
    return exactInteger(sign === '-' ? -magnitude : magnitude);
  }
  return FLOAT.test(plain) ? resolveFloat(plain, text) : text;
}

/** Out of a float's range it stays text, as Go's ParseFloat refuses it. */
function resolveFloat(plain: string, text: string): ScalarValue {
  const value = Number(plain);
  return Number.isFinite(value) ? value + 0 : text;
}

/**
 * What a scalar with an explicit tag means, quoted or not. Tags that YAML doesn't define leave the text as it is.
 * @param tag without `!!`, such as `int`
 */
export function resolveTagged(tag: string, text: string): ScalarValue {
  switch (tag) {
    case 'str':
    case 'timestamp':
      return text;
    case 'binary':
      return decodeBinary(text);
    default:
      return TAG_CHECKS.has(tag) ? resolveAs(tag, text) : text;
  }
}

/** What the tags of resolved values demand of them. */
const TAG_CHECKS: ReadonlyMap<string, (value: ScalarValue) => boolean> = new Map([
  ['null', (value) => value === null],
  ['bool', (value) => typeof value === 'boolean'],
  ['int', (value) => typeof value === 'bigint' || Number.isInteger(value)],
  ['float', (value) => typeof value === 'number' || typeof value === 'bigint'],
]);

function resolveAs(tag: string, text: string): ScalarValue {
  const value = resolvePlain(text);
  if (TAG_CHECKS.get(tag)?.(value) === true) return value;
  return { refused: `cannot decode ${JSON.stringify(text)} as a !!${tag}` };
}

function decodeBinary(text: string): ScalarValue {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
  } catch {
    return { refused: '!!binary value contains invalid base64 data' };
  }
}
