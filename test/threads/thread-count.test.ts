import { expect, test } from 'vitest';
import { threadCount } from '../../src/threads/thread-count.js';

const MIB = 1024 ** 2;

test.each([
  [1, 8192, 1],
  [2, 8192, 1],
  [4, 8192, 3],
  [64, 8192, 4],
  [64, 512, 1],
  [64, 1024, 1],
  [64, 2048, 2],
  [64, 3000, 2],
])('with %i cores and %i MiB there are %i threads of a kind', (cores, mebibytes, threads) => {
  expect(threadCount(cores, mebibytes * MIB)).toBe(threads);
});
