import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pagePieces, renderPage } from '../../src/rest/page.js';
import { exactJson } from '../../src/model/exact-json.js';

const arbitraryPage = fc.record({
  edges: fc.array(fc.record({ cursor: fc.string(), node: fc.jsonValue() })),
  hasNextPage: fc.boolean(),
  hasPreviousPage: fc.boolean(),
  endCursor: fc.option(fc.string()),
});

test('a page in pieces is the page in one piece, whatever its items are', () => {
  fc.assert(
    fc.property(arbitraryPage, fc.string(), fc.bigInt(), (page, name, number) => {
      const render = (item: unknown) => ({ item, number });
      expect([...pagePieces(name, page, render)].join('')).toBe(exactJson(renderPage(name, page, render)));
    }),
  );
});

test('each item is a piece of its own', () => {
  const edges = ['a', 'b', 'c'].map((node) => ({ cursor: node, node }));
  const page = { edges, hasNextPage: false, hasPreviousPage: false, endCursor: 'c' };
  expect([...pagePieces('items', page, (item) => item)]).toEqual([
    '{"items":[',
    '"a"',
    ',"b"',
    ',"c"',
    '],"pageInfo":{"endCursor":"c","hasNextPage":false}}',
  ]);
});
