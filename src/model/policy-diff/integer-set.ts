import type { Int64 } from '../../engine/index.js';

/** Integers from `min` to `max`, both included. */
export interface Interval {
  readonly min: bigint;
  readonly max: bigint;
}

/** A set of integers: intervals in ascending order that don't touch. */
export type IntegerSet = readonly Interval[];

/** The set of all integers in some ranges of a policy, as far as they lie within bounds. */
export function integerSet(
  ranges: readonly { readonly min?: Int64 | null | undefined; readonly max?: Int64 | null | undefined }[],
  bounds: Interval,
): IntegerSet {
  const clipped = ranges
    .map(({ min, max }) => ({
      min: larger(BigInt(min ?? 0), bounds.min),
      max: smaller(BigInt(max ?? 0), bounds.max),
    }))
    .filter(({ min, max }) => min <= max)
    .sort((a, b) => (a.min < b.min ? -1 : a.min > b.min ? 1 : 0));
  const merged: Interval[] = [];
  for (const interval of clipped) {
    const last = merged.at(-1);
    if (last === undefined || interval.min > last.max + 1n) merged.push(interval);
    else merged[merged.length - 1] = { min: last.min, max: larger(last.max, interval.max) };
  }
  return merged;
}

/** The smallest integer of one set that isn't in the other. */
export function firstOutside(set: IntegerSet, other: IntegerSet): Int64 | undefined {
  let next = 0;
  for (const { min, max } of set) {
    let candidate = min;
    for (;;) {
      const interval = other[next];
      if (interval === undefined || interval.min > candidate) break;
      if (interval.max >= candidate) candidate = interval.max + 1n;
      if (candidate > max) break;
      next++;
    }
    if (candidate <= max) return int64(candidate);
  }
  return undefined;
}

/** The smallest integer that both sets have. */
export function firstCommon(left: IntegerSet, right: IntegerSet): Int64 | undefined {
  let l = 0;
  let r = 0;
  for (;;) {
    const a = left[l];
    const b = right[r];
    if (a === undefined || b === undefined) return undefined;
    const start = larger(a.min, b.min);
    if (start <= a.max && start <= b.max) return int64(start);
    if (a.max < b.max) l++;
    else r++;
  }
}

/** As the engine wants it: a bigint only where a number isn't exact. */
function int64(value: bigint): Int64 {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? value : Number(value);
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
