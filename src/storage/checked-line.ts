import { crc32 } from 'node:zlib';
import { exactJson, parseExactJson } from '../model/exact-json.js';

/** A value as one line with a checksum in front (CRC-32 of the JSON, in hex), the line's end included. */
export function checkedLine(value: unknown): string {
  const json = exactJson(value);
  return `${checksum(json)} ${json}\n`;
}

/** Reads what {@link checkedLine} wrote, without the line's end; undefined where it is cut off or altered. */
export function readCheckedLine(line: string): unknown {
  const json = line.slice(9);
  return line.slice(0, 9) === `${checksum(json)} ` ? parseExactJson(json) : undefined;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
