import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ranges, rangesInBoth } from '../../src/engine/ranges.js';

const id = fc.oneof(fc.nat(100), fc.constantFrom(9007199254740991, 9007199254740992n, 9007199254740993n));
/** Some of them upside down, which hold nothing. */
const range = fc.record({ min: id, max: id });
const ranges = fc.oneof(fc.array(range, { maxLength: 4 }), fc.array(range, { minLength: 10, maxLength: 40 }));
const short = fc.array(
  fc.tuple(id, fc.nat(3)).map(([min, more]) => ({ min, max: typeof min === 'bigint' ? min : min + more })),
  { minLength: 15, maxLength: 30 },
);

describe('ranges, few or many', () => {
  it('have what one of them has', () => {
    fc.assert(
      fc.property(fc.oneof(ranges, short), fc.array(id), (list, ids) => {
        const allowed = new Ranges(list);
        for (const each of ids) {
          expect(allowed.has(each)).toBe(list.some(({ min, max }) => each >= min && each <= max));
        }
      }),
    );
  });

  it('are as JSON what was given, in its order', () => {
    const list = [
      { min: 5, max: 9 },
      { min: 1, max: 7 },
    ];
    expect(JSON.stringify({ ranges: new Ranges(list) })).toBe(JSON.stringify({ ranges: list }));
  });

  it('have in common what stands in both', () => {
    const [a, b, c] = [
      { min: 1, max: 2 },
      { min: 1, max: 3 },
      { min: 2, max: 3 },
    ];
    expect(rangesInBoth(new Ranges([a, b]), new Ranges([c, b]))?.list).toEqual([b]);
    expect(rangesInBoth(new Ranges([a]), new Ranges([b, c]))).toBeNull();
  });
});
