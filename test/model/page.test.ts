import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PodgateError } from '../../src/model/errors.js';
import { checkPageSize, decodeCursor, encodeCursor, mapPage, pageOf } from '../../src/model/page.js';

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

describe('checkPageSize', () => {
  it.each([1, 20, 100])('takes %d', (first) => expect(checkPageSize(first)).toBe(first));
  it.each([0, -1, 101, 1.5, Number.NaN])('refuses %d', (first) => {
    expect(() => checkPageSize(first)).toThrow('first must be a whole number from 1 to 100');
  });
});

describe('pageOf', () => {
  it('tells from one row too many that there are more', () => {
    const page = pageOf(['a', 'b', 'c'], 2, (row) => `cursor-${row}`);
    expect(page.edges.map((edge) => edge.node)).toEqual(['a', 'b']);
    expect(page).toMatchObject({ hasNextPage: true, endCursor: 'cursor-b' });
  });

  it('is empty without rows', () => {
    expect(pageOf([], 2, String)).toEqual({ edges: [], hasNextPage: false, endCursor: null });
  });

  it('keeps cursors when its nodes are mapped', () => {
    const page = mapPage(
      pageOf([1, 2], 2, (row) => `c${row}`),
      (node) => node * 10,
    );
    expect(page.edges).toEqual([
      { cursor: 'c1', node: 10 },
      { cursor: 'c2', node: 20 },
    ]);
  });
});
