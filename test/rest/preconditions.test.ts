import { describe, expect, it } from 'vitest';
import { expectedVersion, isKnownVersion } from '../../src/rest/preconditions.js';

const headers = (given: Readonly<Record<string, string>>) => (name: string) => given[name];

describe('the version that the client expects', () => {
  const LATEST = 3;

  it.each<[string, Readonly<Record<string, string>>, number, boolean]>([
    ['the latest', { 'If-Match': '"3"' }, LATEST, true],
    ['an older one', { 'If-Match': '"2"' }, LATEST, false],
    ['the latest with zeros before it', { 'If-Match': '"03"' }, LATEST, false],
    ['a weak tag', { 'If-Match': 'W/"3"' }, LATEST, false],
    ['several, the latest among them', { 'If-Match': ' "2" ,, "3" ' }, LATEST, true],
    ['a tag with a comma', { 'If-Match': '"2,3"' }, LATEST, false],
    ['anything', { 'If-Match': '*' }, LATEST, true],
    ['anything, where there is nothing', { 'If-Match': '*' }, 0, false],
    ['no version, where there is nothing', { 'If-Match': '"0"' }, 0, false],
    ['nothing', { 'If-None-Match': '*' }, LATEST, false],
    ['nothing, where there is nothing', { 'If-None-Match': '*' }, 0, true],
    ['none of the latest, weakly', { 'If-None-Match': 'W/"3"' }, LATEST, false],
    ['none of an older one', { 'If-None-Match': '"2"' }, LATEST, true],
    ['one and not another', { 'If-Match': '"3"', 'If-None-Match': '"2"' }, LATEST, true],
  ])('is %s', (_, given, latest, isFulfilled) => {
    const expected = expectedVersion(headers(given));
    expect(typeof expected === 'function' && expected(latest) === null).toBe(isFulfilled);
  });

  it('is any where nothing is said', () => {
    expect(expectedVersion(headers({}))).toBeNull();
  });

  it.each(['', '3', '"3', '3"', '"3" "2"', '"3"; "2"', '*, "3"', 'w/"3"', 'W/ "3"', "'3'", '"3"x'])(
    'must be entity tags, not %j',
    (value) => {
      for (const name of ['If-Match', 'If-None-Match']) {
        const message = `${name} must be a version in quotes, such as "3", or *`;
        expect(() => expectedVersion(headers({ [name]: value }))).toThrow(
          expect.objectContaining({
            code: 'INVALID',
            message,
            problems: [expect.objectContaining({ field: name })],
          }),
        );
      }
      expect(isKnownVersion(3, headers({ 'If-None-Match': value }))).toBe(false);
    },
  );
});
