import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateOverlaps } from '../../src/engine/validate-sysctls.js';

const pattern = fc.stringMatching(/^[ab]{0,3}\*?$/);
const patterns = fc.oneof(
  fc.array(pattern, { maxLength: 4 }),
  fc.array(pattern, { minLength: 14, maxLength: 25 }),
);

const named = (count: number, start: string) =>
  Array.from({ length: count }, (_, index) => `${start}${index}`);

/** What overlaps, pair by pair. */
function plainOverlaps(allowed: readonly string[], forbidden: readonly string[]): string[] {
  const lies = (one: string, other: string) => other.endsWith('*') && one.startsWith(other.slice(0, -1));
  const stem = (one: string) => (one.endsWith('*') ? one.slice(0, -1) : one);
  return allowed.flatMap((allow, i) =>
    forbidden.flatMap((forbid, j) => {
      if (lies(stem(allow), forbid) || allow === forbid) return [`allowedUnsafeSysctls[${i}] ${forbid}`];
      return lies(stem(forbid), allow) ? [`forbiddenSysctls[${j}] ${allow}`] : [];
    }),
  );
}

describe('sysctls that are allowed and forbidden at once', () => {
  it('are those of each pair, in the order of the lists', () => {
    fc.assert(
      fc.property(patterns, patterns, (allowed, forbidden) => {
        const told = validateOverlaps(allowed, forbidden).map(
          ({ field, message }) => field.replace('spec.', '') + message.replace('sysctl overlaps with', ''),
        );
        expect(told).toEqual(plainOverlaps(allowed, forbidden));
      }),
    );
  });

  it.each([
    ['names that differ', named(20_000, 'a'), named(20_000, 'b'), 0],
    ['beginnings that differ', named(20_000, 'a').map((one) => `${one}.*`), named(20_000, 'b'), 0],
    ['the same names', named(20_000, 'a'), named(20_000, 'a'), 1_000],
    ['beginnings of each other', Array<string>(20_000).fill('a*'), Array<string>(20_000).fill('a*'), 1_000],
  ])('are looked for in bounded time, and no more than 1,000 told: %s', (_what, allowed, forbidden, told) => {
    const started = performance.now();
    expect(validateOverlaps(allowed, forbidden)).toHaveLength(told);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
