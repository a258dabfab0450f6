import { parseValue } from 'graphql';
import { describe, expect, test } from 'vitest';
import { json } from '../../../src/graphql/scalars/json.js';

const literal = (text: string, variables: Record<string, unknown> = {}) =>
  json.parseLiteral(parseValue(text), variables);

describe('JSON reads a literal as the JSON that it looks like', () => {
  test.each([
    ['null', null],
    ['true', true],
    ['"text"', 'text'],
    ['-12', -12],
    ['1.5e3', 1500],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['[1, [2], {a: 3}]', [1, [2], { a: 3 }]],
    ['{a: {b: []}}', { a: { b: [] } }],
  ])('%s', (text, value) => {
    expect(literal(text)).toStrictEqual(value);
  });

  test('with the variables in it', () => {
    expect(literal('{a: [$x, $missing]}', { x: { b: 1 } })).toStrictEqual({ a: [{ b: 1 }, null] });
  });

  test('with __proto__ as an ordinary member', () => {
    const value = literal('{__proto__: {polluted: true}}');
    expect(Object.keys(value as object)).toStrictEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('but an enum value is not JSON', () => {
    expect(() => literal('{a: NAME}')).toThrow('JSON has no NAME: text must be quoted');
  });
});

describe('JSON is nested at most 200 levels deep', () => {
  const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;

  test('in a variable', () => {
    expect(json.parseValue(nested(200))).toStrictEqual(nested(200));
    expect(() => json.parseValue(nested(202))).toThrow('JSON must not be nested deeper than 200 levels');
    expect(() => json.parseValue(nested(100_000))).toThrow('JSON must not be nested deeper than 200 levels');
  });

  test('in a literal, its variables included', () => {
    expect(() => literal('['.repeat(202) + ']'.repeat(202))).toThrow('deeper than 200 levels');
    expect(() => literal('[[[$x]]]', { x: nested(199) })).toThrow('deeper than 200 levels');
  });
});

test('JSON shows a value as it is, bigints included', () => {
  const value = { uid: 9007199254740993n, list: [null] };
  expect(json.serialize(value)).toBe(value);
});
