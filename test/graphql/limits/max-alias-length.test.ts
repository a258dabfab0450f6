import { expect, test } from 'vitest';
import { maxAliasLength } from '../../../src/graphql/limits/max-alias-length.js';
import { reported } from './rules.js';

test.each([
  ['an alias that is as long as allowed passes', '{ abc: me { id } }', []],
  ['a longer one is refused', '{ abcd: me { id } }', ['aliasLength: 4 of 3']],
  ['the longest one is told', '{ abcd: me { abcdef: id abcde: id } }', ['aliasLength: 6 of 3']],
  ['one in a fragment counts', '{ ...F } fragment F on Query { abcd: me { id } }', ['aliasLength: 4 of 3']],
  ['the names of fields do not count', '{ me { friends { id } } }', []],
])('%s', (_, document, errors) => {
  expect(reported(maxAliasLength(3), document)).toStrictEqual(errors);
});
