import { expect, it } from 'vitest';
import { isUuid } from '../../src/model/uuid.js';

it.each([
  ['0193a7b2-5c1d-7e3f-8a4b-0123456789ab', true],
  ['0193A7B2-5C1D-7E3F-8A4B-0123456789AB', true],
  ['0193a7b25c1d7e3f8a4b0123456789ab', false],
  ['{0193a7b2-5c1d-7e3f-8a4b-0123456789ab}', false],
  ['0193a7b2-5c1d-7e3f-8a4b-0123456789ab\n', false],
  ['0193a7b2-5c1d-7e3f-8a4b-0123456789ag', false],
  ['', false],
])('%j is a UUID: %s', (text, expected) => {
  expect(isUuid(text)).toBe(expected);
});
