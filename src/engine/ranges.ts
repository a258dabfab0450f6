import { countAtStart, FEW_TO_SORT } from './binary-search.js';
import { inBoth } from './families.js';
import type { Int64 } from './json.js';

/** Both ends included. */
export interface Range {
  readonly min: Int64;
  readonly max: Int64;
}

/** Ranges of integers that a policy allows. Most lists are short; a long one is sorted when it is first asked. */
export class Ranges {
  readonly list: readonly Range[];
  #joined: readonly Range[] | null = null;

  constructor(list: readonly Range[]) {
    this.list = list;
  }

  /** Whether an integer lies in one of the ranges. Exact for every int64. */
  has(id: Int64): boolean {
    if (this.list.length > FEW_TO_SORT) return this.#isInJoined(id);
    for (const { min, max } of this.list) {
      if (id >= min && id <= max) return true;
    }
    return false;
  }

  #isInJoined(id: Int64): boolean {
    this.#joined ??= joined(this.list);
    const range = this.#joined[countAtStart(this.#joined, ({ min }) => min <= id) - 1];
    return range !== undefined && id <= range.max;
  }

  /** The ranges as they were given: that is what makes two lists equal. */
  toJSON(): readonly Range[] {
    return this.list;
  }
}

/** The ranges that stand in both lists, as `inBoth` has it. */
export function rangesInBoth(one: Ranges, other: Ranges): Ranges | null {
  const list = inBoth(one.list, other.list, (a, b) => a.min === b.min && a.max === b.max);
  return list === null ? null : new Ranges(list);
}

/** Ranges that hold the same integers, none of which overlap, in ascending order. */
function joined(ranges: readonly Range[]): readonly Range[] {
  const sorted = ranges
    .filter(({ min, max }) => min <= max)
    .sort((a, b) => (a.min < b.min ? -1 : Number(a.min > b.min)));
  const apart: Range[] = [];
  for (const range of sorted) {
    const last = apart.at(-1);
    if (last === undefined || range.min > last.max) apart.push(range);
    else if (range.max > last.max) apart[apart.length - 1] = { min: last.min, max: range.max };
  }
  return apart;
}
