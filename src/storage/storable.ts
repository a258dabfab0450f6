import { parse, stringify } from 'lossless-json';

/** What a text has that PostgreSQL may not hold; most have nothing of it. */
// oxlint-disable-next-line no-control-regex -- NUL is what this looks for
const DOUBTFUL = /[\0\ud800-\udfff]/;

/** A text that PostgreSQL can hold: NUL and halves of surrogate pairs become U+FFFD. */
export function storableText(text: string): string {
  if (!DOUBTFUL.test(text)) return text;
  return text.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD');
}

/** JSON in which integers beyond 2^53 (bigint) keep every digit. */
export function exactJson(value: unknown): string {
  return stringify(value) ?? 'null';
}

/** Reads what {@link exactJson} wrote: such integers become bigint. */
export function parseExactJson(text: string): unknown {
  return parse(text, undefined, (digits) => {
    const number = Number(digits);
    return /^-?\d+$/.test(digits) && !Number.isSafeInteger(number) ? BigInt(digits) : number;
  });
}
