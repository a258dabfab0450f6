import { expect, test } from 'vitest';
import type { JsonValue } from '../../src/kubernetes/json-value.js';
import { weightLeft } from '../../src/kubernetes/json-weight.js';

test.each<[JsonValue, number]>([
  [null, 9],
  ['text', 9],
  [12, 9],
  [[], 9],
  [{}, 9],
  [[1, [2, 3]], 5],
  [{ a: 1, b: { c: [true] } }, 5],
])('%j and all that is in it is weighed once', (value, left) => {
  expect(weightLeft(value, 10, () => 1)).toBe(left);
});

test('a member is weighed with its key, what is in a list without one', () => {
  const weighed: [JsonValue, string][] = [];
  const value = { a: ['x'], b: null };
  weightLeft(value, 10, (part, key) => {
    weighed.push([part, key]);
    return 1;
  });
  expect(weighed).toEqual([
    [value, ''],
    [['x'], 'a'],
    ['x', ''],
    [null, 'b'],
  ]);
});

test('nothing more is weighed below zero', () => {
  let weighed = 0;
  const left = weightLeft(Array(100).fill(Array(100).fill(0)), 150, () => {
    weighed += 1;
    return 1;
  });
  expect(left).toBe(-1);
  expect(weighed).toBe(151);
});
