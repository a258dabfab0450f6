import { expect, test } from 'vitest';
import { maxDirectives } from '../../../src/graphql/limits/max-directives.js';
import { reported } from './rules.js';

test.each([
  ['as many directives as allowed pass', '{ me @skip(if: true) { id @skip(if: true) } }', []],
  ['one more is refused', '{ me @a @b @c { id } }', ['directives: 3 of 2']],
  [
    'those of fragments and variables count',
    'query ($x: Int @a) { ...F @b } fragment F on Query @c { me { id } }',
    ['directives: 3 of 2'],
  ],
])('%s', (_, document, errors) => {
  expect(reported(maxDirectives(2), document)).toStrictEqual(errors);
});
