import { describe, expect, it } from 'vitest';
import { maskSecrets } from '../../src/observability/mask-secrets.js';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl';

it.each([
  ['a JWT behind a word with hyphens', `/x-y-${JWT}?`, '/x-y-[masked JWT]?'],
  ['a JWT behind what only begins like one', `-eyJ-${JWT}`, '-[masked JWT]'],
  ['a JWT as the second of its parts', `a.${JWT}`, 'a.[masked JWT]'],
  ['a JWT glued to a word', `x${JWT}`, `x${JWT}`],
  ['two JWTs', `${JWT} ${JWT}`, '[masked JWT] [masked JWT]'],
  ['a password behind a word with hyphens', 'x-db://u:secret@h', 'x-db://u:[masked]@h'],
  ['two passwords', 'a://u:secret@h,b://:secret@h', 'a://u:[masked]@h,b://:[masked]@h'],
])('%s', (_name, text, masked) => expect(maskSecrets(text)).toBe(masked));

/** What the patterns are made of: their words, their beginnings, and each kind of character that one repeats. */
const PIECES: readonly string[] = [
  ['podgate_', 'podgate_aaaaaaaaaaaaaaa ', 'a', 'é', '0_-', '-', '.', '"', '\\', ' ', '\n', '=+'],
  [
    'eyJ',
    '-eyJ',
    '-eyJaaaaaaaa',
    '.eyJ',
    'eyJaaaaaaaa.',
    '-eyJaaaaaaaa.eyJaaaaaaaa',
    'eyJaaaaaaaa.eyJaaaaaaaa.',
  ],
  ['-----BEGIN ', '-----', 'PRIVATE KEY', '-----BEGIN PRIVATE KEY-----', 'BEGIN '],
  ['Bearer', 'Bearer ', 'basic  ', 'BearerBasic '],
  ['://', 'a://', 'a://u:', 'a:', ':', '@', 'a://u:p@', '/', '?#'],
  ['/admission/', '/admission/a/', '/admission/a/~', '~', '\u202e'],
].flat();

/** Others use the machine too: what is slow only now and then isn't so for the text's sake. */
const ATTEMPTS = 8;

function isSlow(text: string, milliseconds: number): boolean {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const begin = performance.now();
    maskSecrets(text);
    if (performance.now() - begin <= milliseconds) return false;
  }
  return true;
}

/** The first of the texts that takes longer; undefined: none does. */
function slow(length: number, milliseconds: number, befores: readonly string[], afters: readonly string[]) {
  for (const piece of PIECES) {
    const middle = piece.repeat(Math.ceil(length / piece.length));
    for (const before of befores) {
      for (const after of afters) {
        if (isSlow(before + middle + after, milliseconds)) return { before, piece, after };
      }
    }
  }
  return undefined;
}

describe('a line takes no more time than its length', () => {
  it('with every piece repeated behind every other, of 16 KiB', () => {
    expect(slow(16 * 1024, 40, PIECES, ['', '!', '.eyJaaaaaaaa.'])).toBeUndefined();
  });

  it('with every piece repeated, of 1 MiB', () => {
    expect(slow(1024 * 1024, 2_000, ['', 'eyJaaaaaaaa.', 'a://u:'], ['!'])).toBeUndefined();
  });
});
