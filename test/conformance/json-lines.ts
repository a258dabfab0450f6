import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { parse, stringify } from 'lossless-json';

const LONG_NUMBER = /\d{16}/;

/** The lines of an NDJSON file, of a gzipped one (`.gz`), or of standard input (`-`); empty lines are left out. */
export async function* readLines(file: string): AsyncGenerator<string> {
  const raw = file === '-' ? process.stdin : createReadStream(file);
  const input = file.endsWith('.gz')
    ? raw.pipe(createGunzip().on('error', (error) => raw.destroy(error)))
    : raw;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') yield line;
  }
}

/** JSON with integers beyond 2^53 as bigint. Of members with one name the last counts, as in Go. */
export function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return parse(text, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue });
}

function parseNumber(digits: string): number | bigint {
  const number = Number(digits);
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(number) ? BigInt(digits) : number;
}

/** JSON in which a bigint is a number. */
export function writeJson(value: unknown): string {
  return stringify(value) ?? 'null';
}
