import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What a token's secret begins with, so that people and secret scanners know it when they see it. */
export const TOKEN_PREFIX = 'podgate_';

const SECRET_BYTES = 32;
const WELL_FORMED = /^podgate_([A-Za-z0-9_-]{43})([0-9a-f]{8})$/;

/** Makes a token's secret: the prefix, 256 random bits in base64url, and a CRC-32 of these characters in hex. */
export function newTokenSecret(): string {
  const body = randomBytes(SECRET_BYTES).toString('base64url');
  return `${TOKEN_PREFIX}${body}${checksum(body)}`;
}

/** Whether a text can be the secret of a token: its form and checksum are right. */
export function isTokenSecret(text: string): boolean {
  const match = WELL_FORMED.exec(text);
  return match?.[1] !== undefined && checksum(match[1]) === match[2];
}

/** What is stored of a secret: its SHA-256. The secret has 256 random bits, so that no slower hash is needed. */
export function tokenHash(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
