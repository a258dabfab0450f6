import { describe, expect, it } from 'vitest';
import { findFamilies, inBoth } from '../../src/engine/families.js';

/** Demands that are allow-lists of letters. */
const demand = (letters: string) => ({ part: letters.split('') });

function families(...demands: readonly string[]): [common: string | null, members: string[]][] {
  const common = (one: unknown, other: unknown) => inBoth(one as string[], other as string[]);
  return findFamilies(demands.map(demand), common).map((family) => [
    family.common === null ? null : (family.common as string[]).join(''),
    family.parts.map(({ part }) => part.join('')),
  ]);
}

describe('families of demands', () => {
  it('leaves a few demands as they are', () => {
    expect(families('ab', 'ac', 'ad')).toEqual([[null, ['ab', 'ac', 'ad']]]);
  });

  it('makes demands that have something in common one family, whose common demand all of them allow', () => {
    expect(families('ab', 'abc', 'abd', 'abe', 'abf', 'abg', 'abh', 'abi')).toEqual([
      ['ab', ['ab', 'abc', 'abd', 'abe', 'abf', 'abg', 'abh', 'abi']],
    ]);
  });

  it('keeps those apart that have nothing in common, and puts those without a family last', () => {
    expect(families('x', 'ab', 'cd', 'ae', 'cf', 'y', 'ag', 'ch')).toEqual([
      ['a', ['ab', 'ae', 'ag']],
      ['c', ['cd', 'cf', 'ch']],
      [null, ['x', 'y']],
    ]);
  });

  it('loses none of many that have nothing in common', () => {
    const alone = Array.from({ length: 1000 }, (_, i) => String.fromCodePoint(0x1000 + i));
    const [[common, members] = [null, []], ...more] = families(...alone);
    expect(common).toBeNull();
    expect(more).toEqual([]);
    expect(members.sort()).toEqual(alone);
  });
});

describe('what two allow-lists have in common', () => {
  it.each([
    [['a', 'b'], ['b', 'c'], ['b']],
    [['a'], ['b'], null],
    [[], [], null],
  ])('%j and %j: %j', (one, other, expected) => {
    expect(inBoth<string>(one, other)).toEqual(expected);
  });

  it('is looked for at the beginnings of very long ones', () => {
    const long = Array.from({ length: 10_000 }, (_, index) => index);
    expect(inBoth(long, long)).toEqual(long.slice(0, 100));
    expect(inBoth(long, long.toReversed())).toBeNull();
  });
});
