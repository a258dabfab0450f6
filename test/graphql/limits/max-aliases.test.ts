import { expect, test } from 'vitest';
import { maxAliases } from '../../../src/graphql/limits/max-aliases.js';
import { reported } from './rules.js';

test.each([
  ['as many aliases as allowed pass', '{ a: me { b: id } }', []],
  ['one more is refused', '{ a: me { b: id c: id } }', ['aliases: 3 of 2']],
  [
    'aliases in fragments count',
    '{ a: me { ...F } } fragment F on Person { b: id c: id }',
    ['aliases: 3 of 2'],
  ],
  [
    'aliases of all operations count',
    'query A { a: me { id } } query B { b: me { c: id } }',
    ['aliases: 3 of 2'],
  ],
  ['fields without an alias do not count', '{ me { id id id id } }', []],
])('%s', (_, document, errors) => {
  expect(reported(maxAliases(2), document)).toStrictEqual(errors);
});
