import { stringify } from 'lossless-json';

/**
 * Writes JSON with every integer exact: a bigint becomes a number of as many digits as it has.
 * `JSON.stringify` refuses a bigint with a TypeError; only then the slower writer that knows them is used.
 */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    const text = error instanceof TypeError ? stringify(value) : undefined;
    if (text === undefined) throw error;
    return text;
  }
}
