import { describe, expect, test } from 'vitest';
import { maxDepth } from '../../../src/graphql/limits/max-depth.js';
import { reported } from './rules.js';

const rule = maxDepth(3);

describe('a depth of 3 lets pass', () => {
  test.each([
    ['three levels of fields', '{ me { friend { name } } }'],
    ['three levels through an inline fragment', '{ node { ... on Person { friend { name } } } }'],
    ['three levels through a fragment', '{ me { ...F } } fragment F on Person { friend { name } }'],
    [
      'a deep fragment that no operation spreads',
      '{ me { id } } fragment F on Person { friend { friend { friend { id } } } }',
    ],
    [
      'introspection, however deep',
      '{ __schema { types { fields { type { ofType { ofType { name } } } } } } }',
    ],
    ['a fragment that is not there', '{ me { ...F } }'],
  ])('%s', (_, document) => {
    expect(reported(rule, document)).toStrictEqual([]);
  });
});

describe('a depth of 3 refuses', () => {
  test.each([
    ['four levels of fields', '{ me { friend { friend { name } } } }', ['depth: 4 of 3']],
    [
      'four levels through nested fragments',
      '{ me { ...A } } fragment A on Person { friend { ...B } } fragment B on Person { friend { id } }',
      ['depth: 4 of 3'],
    ],
    [
      'the deep one of several operations',
      'query A { me { id } } query B { me { friend { friend { friend { id } } } } }',
      ['depth: 5 of 3'],
    ],
  ])('%s', (_, document, errors) => {
    expect(reported(rule, document)).toStrictEqual(errors);
  });
});

test('fragments that spread themselves end, and so do those that double at every step', () => {
  expect(reported(rule, '{ me { ...A } } fragment A on Person { friend { ...A } }')).toStrictEqual([]);
  const doubling = Array.from(
    { length: 60 },
    (_, index) => `fragment F${index} on Person { ...F${index + 1} ...F${index + 1} }`,
  );
  expect(
    reported(rule, `{ me { ...F0 } } ${doubling.join('\n')} fragment F60 on Person { id }`),
  ).toStrictEqual([]);
});
