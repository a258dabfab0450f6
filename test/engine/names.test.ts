import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AllowedNames, allowedByBoth, DistinctNames, eachIn, without } from '../../src/engine/names.js';

/** Short and long lists of few and of many names. */
const name = fc.oneof(fc.constantFrom('a', 'b', 'c', ''), fc.nat(60).map(String));
const names = fc.oneof(fc.array(name, { maxLength: 4 }), fc.array(name, { minLength: 10, maxLength: 60 }));

describe('lists of names, short or long', () => {
  it('allow what they list', () => {
    fc.assert(
      fc.property(names, name, (list, wanted) => {
        const allowed = new AllowedNames(list);
        expect(allowed.has(wanted)).toBe(list.includes(wanted));
        expect(allowed.has(wanted)).toBe(list.includes(wanted));
      }),
    );
  });

  it('are as JSON what they list, so that equal ones of two policies are one', () => {
    expect(JSON.stringify({ allowed: new AllowedNames(['a', 'b']) })).toBe('{"allowed":["a","b"]}');
  });

  it('have in common what both allow', () => {
    expect(allowedByBoth(new AllowedNames(['a', 'b']), new AllowedNames(['b', 'c']))?.names).toEqual(['b']);
    expect(allowedByBoth(new AllowedNames(['a']), new AllowedNames(['b']))).toBeNull();
  });

  it('are counted once each, in the order in which they come first', () => {
    fc.assert(
      fc.property(names, (list) => {
        const distinct = new DistinctNames();
        for (const each of list) distinct.add(each);
        expect(distinct.list).toEqual(list.filter((each, index) => list.indexOf(each) === index));
      }),
    );
  });

  it('have all of some names, or have them together', () => {
    fc.assert(
      fc.property(names, names, names, (some, list, more) => {
        expect(eachIn(some, list, more)).toBe(
          some.every((each) => list.includes(each) || more.includes(each)),
        );
        expect(eachIn(some, list)).toBe(some.every((each) => list.includes(each)));
        expect(eachIn(list, more.concat(list))).toBe(true);
      }),
    );
  });

  it('are what is left without some', () => {
    fc.assert(
      fc.property(names, names, (some, list) => {
        expect(without(some, list)).toEqual(some.filter((each) => !list.includes(each)));
      }),
    );
  });
});
