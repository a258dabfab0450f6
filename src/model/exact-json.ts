import { parse, stringify } from 'lossless-json';

const LONG_DIGITS = /\d{16}/;

/**
 * JSON in which integers beyond 2^53 (bigint) keep every digit. As `JSON.stringify`, which is many times faster and
 * refuses bigints: only then it is told digit by digit.
 */
export function exactJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
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
