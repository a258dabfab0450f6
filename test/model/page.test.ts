import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PodgateError } from '../../src/model/errors.js';
import { checkPage, decodeCursor, encodeCursor, mapPage, pageOf } from '../../src/model/page.js';

describe('cursors', () => {
  it('give back the key that they were made of', () => {
    const keys = fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 4 });
    fc.assert(
      fc.property(fc.string(), keys, (list, key) => {
        const cursor = encodeCursor(list, key);
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor(list, cursor, key.length)).toEqual(key);
      }),
    );
  });

  const damaged: readonly [string, string][] = [
    ['of another list', encodeCursor('policies', ['a'])],
    ['with too many keys', encodeCursor('clusters', ['a', 'b'])],
    ['that is empty', ''],
    ['that is no base64url', 'a+b='],
    ['that is no JSON', Buffer.from('clusters').toString('base64url')],
    ['with a key that is no scalar', Buffer.from('["clusters",{}]').toString('base64url')],
  ];
  it.each(damaged)('refuse one %s', (_, cursor) => {
    expect(() => decodeCursor('clusters', cursor, 1)).toThrow(PodgateError);
    expect(() => decodeCursor('clusters', cursor, 1)).toThrow('after is not a cursor of this list');
  });
});

describe('checkPage', () => {
  it.each([1, 20, 100])('takes %d', (first) =>
    expect(checkPage({ first, after: 'c' })).toEqual({ first, after: 'c', backward: false }),
  );
  it.each([0, -1, 101, 1.5, Number.NaN])('refuses %d', (first) => {
    const page = { first, after: null };
    expect(() => checkPage(page)).toThrow('first must be a whole number from 1 to 100');
    expect(() => checkPage({ ...page, backward: true })).toThrow('last must be a whole number from 1 to 100');
  });
});

describe('pageOf', () => {
  const cursorOf = (row: string | number) => `cursor-${row}`;
  it('tells from one row too many that there are more', () => {
    const page = pageOf(['a', 'b', 'c'], { first: 2, after: null }, cursorOf);
    expect(page.edges.map((edge) => edge.node)).toEqual(['a', 'b']);
    expect(page).toMatchObject({ hasNextPage: true, hasPreviousPage: false, endCursor: 'cursor-b' });
  });

  it('has something before it where it begins after a cursor', () => {
    const page = pageOf(['c'], { first: 2, after: 'cursor-b' }, cursorOf);
    expect(page).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  it('is in the order of the list when it was read backward', () => {
    const last = pageOf(['c', 'b', 'a'], { first: 2, after: null, backward: true }, cursorOf);
    expect(last.edges.map((edge) => edge.node)).toEqual(['b', 'c']);
    expect(last).toMatchObject({ hasNextPage: false, hasPreviousPage: true, endCursor: 'cursor-c' });
    const first = pageOf(['a'], { first: 2, after: 'cursor-b', backward: true }, cursorOf);
    expect(first).toMatchObject({ hasNextPage: true, hasPreviousPage: false, endCursor: 'cursor-a' });
  });

  it('is empty without rows', () => {
    const empty = { edges: [], hasNextPage: false, hasPreviousPage: false, endCursor: null };
    expect(pageOf([], { first: 2, after: null }, cursorOf)).toEqual(empty);
  });

  it('keeps cursors when its nodes are mapped', () => {
    const page = mapPage(pageOf([1, 2], { first: 2, after: null }, cursorOf), (node) => node * 10);
    expect(page.edges).toEqual([
      { cursor: 'cursor-1', node: 10 },
      { cursor: 'cursor-2', node: 20 },
    ]);
  });
});
