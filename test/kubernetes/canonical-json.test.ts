import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, parseStrictJson } from '../../src/kubernetes/canonical-json.js';
import type { JsonValue } from '../../src/kubernetes/json-value.js';

test('members are sorted by code units, lists are not, integers are written in full', () => {
  const value: JsonValue = {
    b: [2, 1],
    a: { é: 1, z: 2n ** 63n - 1n, Z: null },
    '\u{1f600}': 1,
    '\uffff': 1,
  };
  expect(canonicalJson(value)).toBe(
    '{"a":{"Z":null,"z":9223372036854775807,"é":1},"b":[2,1],"\u{1f600}":1,"\uffff":1}',
  );
});

test('what has no bigint is read as JSON.parse reads it', () => {
  const integers = (value: unknown) =>
    typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value);
  fc.assert(
    fc.property(fc.json(), (text) => {
      const expected: unknown = JSON.parse(text, (_, value: unknown) => (Object.is(value, -0) ? 0 : value));
      fc.pre(integers(expected) && !/\d{16}|\de\+?\d\d/i.test(text));
      const value = parseStrictJson(text);
      expect(value).toEqual(expected);
    }),
  );
});

test('the order of members does not matter to the canonical text', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer(), { noNullPrototype: true }), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
      expect(parseStrictJson(canonicalJson(value))).toEqual(value);
    }),
  );
});

test.each([
  ['9007199254740991', 9_007_199_254_740_991],
  ['9007199254740993', 9_007_199_254_740_993n],
  ['-9223372036854775808', -9_223_372_036_854_775_808n],
  ['1e3', 1000],
  ['-0', 0],
  ['1.5', 1.5],
])('%s is %s', (text, value) => {
  expect(parseStrictJson(text)).toBe(value);
});

test.each(['', '{', '{"a":1,"a":2}', '01', '[1,]', "{'a':1}", 'NaN', '"\\ud"'])('%s is refused', (text) => {
  expect(() => parseStrictJson(text)).toThrow(SyntaxError);
});

test('a text with more values and keys than it may have is refused where they become too many', () => {
  const text = '{"a": [1, 2]}';
  expect(parseStrictJson(text, 5)).toEqual({ a: [1, 2] });
  const refusal = { code: 'TOO_LARGE', message: 'more than 4 values in one body', offset: 10 };
  expect(() => parseStrictJson(text, 4)).toThrow(
    expect.objectContaining({ cause: expect.objectContaining(refusal) }),
  );
});
