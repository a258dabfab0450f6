import { expect, test } from 'vitest';
import { reviewTimeout } from '../../src/webhook/review-timeout.js';

test.each<[unknown, number]>([
  ['10s', 10_000],
  ['1s', 1_000],
  ['30s', 30_000],
  ['1.5s', 1_500],
  ['.5s', 500],
  ['750ms', 750],
  ['1500000us', 1_500],
  ['2s500ms', 2_500],
  ['1m30s', 30_000],
  ['9999999h', 30_000],
  ['0s', 10_000],
  ['-3s', 10_000],
  ['10', 10_000],
  ['10 s', 10_000],
  ['10s!', 10_000],
  ['s', 10_000],
  ['soon', 10_000],
  ['', 10_000],
  [undefined, 10_000],
  [['1s', '2s'], 10_000],
])('timeout=%s is %d ms', (timeout, milliseconds) => {
  expect(reviewTimeout(timeout)).toBe(milliseconds);
});
