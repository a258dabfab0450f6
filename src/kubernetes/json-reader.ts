import { InputFailure } from './input-problem.js';
import { type JsonObject, type JsonValue, setMember } from './json-value.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
/** Integers of fewer digits than this are exact as numbers. */
const EXACT_DIGITS = 15;
/** Longer digits are no number that Kubernetes knows, and reading them takes quadratic time. */
const LONGEST_INTEGER = 400;

const MOST_DUPLICATES = 100;

/** A key that its object has twice, by the offsets of the object and of the second key. */
export interface RepeatedKey {
  readonly object: number;
  readonly key: string;
  readonly offset: number;
}

/** Called for each member and element with the offset of its key or, in a list, of the element, and of its value. */
export type ChildVisitor = (key: string | number, offset: number, valueOffset: number) => void;

/**
 * Reads one JSON text (RFC 8259) with exact integers; keeps the places of duplicate keys. `JSON.parse` does neither:
 * it rounds integers beyond 2^53 and lets the last duplicate win. Throws {@link InputFailure} at the first fault.
 */
export class JsonReader {
  readonly repeated: RepeatedKey[] = [];
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #maxValues: number;
  #values = 0;
  #position = 0;
  #depth = 0;

  /** @param maxValues how many values and keys the text may hold */
  constructor(text: string, maxDepth: number, maxValues = Number.POSITIVE_INFINITY) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#maxValues = maxValues;
  }

  /** The whole text as one value. */
  readAll(): JsonValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#position < this.#text.length) throw this.#unexpected('the end of the text');
    return value;
  }

  /** Visits the children of the object or list that begins at an offset of a text read before. */
  visitChildren(offset: number, visitor: ChildVisitor): void {
    this.#position = offset;
    this.#skipSpace();
    const open = this.#text.charCodeAt(this.#position);
    if (open === OPEN_BRACE) this.#object(visitor);
    if (open === OPEN_BRACKET) this.#list(visitor);
  }

  #value(): JsonValue {
    this.#skipSpace();
    this.#count();
    switch (this.#text.charCodeAt(this.#position)) {
      case OPEN_BRACE:
        return this.#object();
      case OPEN_BRACKET:
        return this.#list();
      case QUOTE:
        return this.#string();
      case 0x74:
        return this.#literal('true', true);
      case 0x66:
        return this.#literal('false', false);
      case 0x6e:
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #count(): void {
    this.#values += 1;
    if (this.#values <= this.#maxValues) return;
    throw new InputFailure('TOO_LARGE', `more than ${this.#maxValues} values in one body`, this.#position);
  }

  #enter(): void {
    if (this.#depth >= this.#maxDepth) throw this.#failure(`nested more than ${this.#maxDepth} levels deep`);
    this.#depth += 1;
    this.#position += 1;
    this.#skipSpace();
  }

  #leaves(close: number): boolean {
    if (!this.#take(close)) return false;
    this.#depth -= 1;
    return true;
  }

  #object(visitor?: ChildVisitor): JsonObject {
    const object: Record<string, JsonValue> = {};
    const start = this.#position;
    this.#enter();
    if (this.#leaves(CLOSE_BRACE)) return object;
    for (;;) {
      this.#skipSpace();
      const keyOffset = this.#position;
      if (this.#text.charCodeAt(keyOffset) !== QUOTE) throw this.#unexpected('a quoted key');
      const key = this.#string();
      this.#count();
      this.#skipSpace();
      if (!this.#take(COLON)) throw this.#unexpected('":"');
      this.#skipSpace();
      const valueOffset = this.#position;
      if (Object.hasOwn(object, key) && this.repeated.length < MOST_DUPLICATES) {
        this.repeated.push({ object: start, key, offset: keyOffset });
      }
      setMember(object, key, this.#value());
      visitor?.(key, keyOffset, valueOffset);
      this.#skipSpace();
      if (this.#leaves(CLOSE_BRACE)) return object;
      if (!this.#take(COMMA)) throw this.#unexpected('"," or "}"');
    }
  }

  #list(visitor?: ChildVisitor): JsonValue[] {
    const list: JsonValue[] = [];
    this.#enter();
    if (this.#leaves(CLOSE_BRACKET)) return list;
    for (;;) {
      this.#skipSpace();
      const offset = this.#position;
      list.push(this.#value());
      visitor?.(list.length - 1, offset, offset);
      this.#skipSpace();
      if (this.#leaves(CLOSE_BRACKET)) return list;
      if (!this.#take(COMMA)) throw this.#unexpected('"," or "]"');
    }
  }

  #string(): string {
    const start = this.#position;
    let escaped = false;
    for (let index = start + 1; index < this.#text.length; index += 1) {
      const code = this.#text.charCodeAt(index);
      if (code === QUOTE) {
        this.#position = index + 1;
        return escaped ? this.#unescape(start, index + 1) : this.#text.slice(start + 1, index);
      }
      if (code < 0x20) {
        this.#position = index;
        throw this.#failure('a control character must be escaped in a string');
      }
      if (code === BACKSLASH) {
        escaped = true;
        index += 1;
      }
    }
    throw this.#failure('the string has no closing quote');
  }

  #unescape(start: number, end: number): string {
    try {
      // Between the quotes that were found above only a string can stand.
      return String(JSON.parse(this.#text.slice(start, end)));
    } catch {
      this.#position = start;
      throw this.#failure('the string has an escape that JSON does not know');
    }
  }

  #literal<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#position)) throw this.#unexpected('a value');
    this.#position += word.length;
    return value;
  }

  #number(): number | bigint {
    NUMBER.lastIndex = this.#position;
    const match = NUMBER.exec(this.#text);
    if (match === null) throw this.#unexpected('a value');
    const [digits, fraction, exponent] = match;
    const value = Number(digits);
    const isInteger = fraction === undefined && exponent === undefined;
    if (!Number.isFinite(value) || (isInteger && digits.length > LONGEST_INTEGER)) {
      throw this.#failure('the number is out of range');
    }
    this.#position = NUMBER.lastIndex;
    if (!isInteger || digits.length <= EXACT_DIGITS || Number.isSafeInteger(value)) return value + 0;
    return BigInt(digits);
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#position += 1;
    }
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#position) !== code) return false;
    this.#position += 1;
    return true;
  }

  #unexpected(wanted: string): InputFailure {
    const found = this.#text.codePointAt(this.#position);
    const what = found === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(found));
    return this.#failure(`expected ${wanted}, found ${what}`);
  }

  #failure(message: string): InputFailure {
    return new InputFailure('MALFORMED', message, this.#position);
  }
}
