import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactJson } from '../../src/model/exact-json.js';

describe('exactJson', () => {
  it.each([
    [
      'an integer beyond 2^53 keeps all its digits',
      { uid: 9223372036854775807n },
      '{"uid":9223372036854775807}',
    ],
    ['a negative one too', [-9223372036854775808n], '[-9223372036854775808]'],
    ['what is undefined is left out', { a: undefined, b: 1n }, '{"b":1}'],
    [
      'dates are ISO texts beside a bigint',
      { at: new Date(0), n: 1n },
      '{"at":"1970-01-01T00:00:00.000Z","n":1}',
    ],
    ['texts are escaped beside a bigint', ['"\n\\', 1n], '["\\"\\n\\\\",1]'],
  ])('%s', (_name, value, json) => expect(exactJson(value)).toBe(json));

  it('writes what JSON.stringify writes where there is no bigint', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => exactJson(value) === JSON.stringify(value)));
  });

  it('writes the same with its slow writer', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => exactJson([value, 1n]) === `[${JSON.stringify(value)},1]`),
    );
  });
});
