import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTokenSecret, newTokenSecret, TOKEN_PREFIX, tokenHash } from '../../src/access/token.js';

describe('a token', () => {
  it('has a prefix, 256 random bits and a checksum', () => {
    const secret = newTokenSecret();
    expect(secret).toMatch(/^podgate_[A-Za-z0-9_-]{43}[0-9a-f]{8}$/);
    expect(isTokenSecret(secret)).toBe(true);
    expect(newTokenSecret()).not.toBe(secret);
  });

  it('is not taken for one when any character is another', () => {
    const secret = newTokenSecret();
    fc.assert(
      fc.property(fc.nat(secret.length - 1), fc.constantFrom('a', 'b', '0', '_'), (index, other) => {
        fc.pre(secret[index] !== other);
        expect(isTokenSecret(secret.slice(0, index) + other + secret.slice(index + 1))).toBe(false);
      }),
    );
  });

  it.each(['', TOKEN_PREFIX, 'Bearer x'])('is not %j', (text) => expect(isTokenSecret(text)).toBe(false));

  it('is kept as its SHA-256', () => {
    expect(tokenHash('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
