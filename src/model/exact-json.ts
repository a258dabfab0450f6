import { parse, stringify } from 'lossless-json';

const LONG_DIGITS = /\d{16}/;

/**
 * JSON in which integers beyond 2^53 (bigint) keep every digit; of what JSON doesn't know `null`. `JSON.stringify` is
 * many times faster and refuses a bigint with a TypeError: only then the slower writer that knows them is used.
 */
export function exactJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return stringify(value) ?? 'null';
  }
}

/** Reads JSON with integers beyond 2^53 as bigints. Throws SyntaxError. */
export function parseExactJson(text: string): unknown {
  if (!LONG_DIGITS.test(text)) return JSON.parse(text);
  return parse(text, undefined, (digits) => {
    const number = Number(digits);
    return /^-?\d+$/.test(digits) && !Number.isSafeInteger(number) ? BigInt(digits) : number;
  });
}
