import { describe, expect, test } from 'vitest';
import { CLUSTER_NAME } from '../../src/model/cluster.js';

describe('the name of a cluster', () => {
  test.each([
    ['a word', 'prod', true],
    ['parts with digits and hyphens', 'prod-1.eu.example', true],
    ['253 characters', 'a'.repeat(253), true],
    ['254 characters', 'a'.repeat(254), false],
    ['254 characters in parts', `${'a.'.repeat(126)}aa`, false],
    ['nothing', '', false],
    ['capital letters', 'Prod', false],
    ['a part that ends with a hyphen', 'prod-.eu', false],
    ['a path', '../prod', false],
    ['a second line', 'prod\nx', false],
  ])('of %s', (_, name, isName) => {
    expect(CLUSTER_NAME.test(name)).toBe(isName);
  });
});
