import { describe, expect, it } from 'vitest';
import { globBase, globExpression, isGlob } from '../../src/cli/glob.js';

describe('a pattern of paths', () => {
  it.each([
    ['*.yaml', 'a.yaml', true],
    ['*.yaml', 'dir/a.yaml', false],
    ['*.yaml', '.hidden.yaml', false],
    ['.*.yaml', '.hidden.yaml', true],
    ['a?.yaml', 'ab.yaml', true],
    ['a?.yaml', 'a/.yaml', false],
    ['**/*.yaml', 'a.yaml', true],
    ['**/*.yaml', 'x/y/a.yaml', true],
    ['**/*.yaml', 'x/.git/a.yaml', false],
    ['x/**', 'x/y/z.yaml', true],
    ['x/**', 'x', false],
    ['x/**/z.yaml', 'x/z.yaml', true],
    ['[a-c].yaml', 'b.yaml', true],
    ['[!a-c].yaml', 'b.yaml', false],
    ['[!a-c].yaml', 'd.yaml', true],
    ['a.{yaml,yml}', 'a.yml', true],
    ['a.{yaml,yml}', 'a.json', false],
    ['a+(b).$^|.yaml', 'a+(b).$^|.yaml', true],
    ['a.yaml', 'aXyaml', false],
    ['unclosed[.yaml', 'unclosed[.yaml', true],
    ['unclosed{.yaml', 'unclosed{.yaml', true],
  ])('%s over %s: %s', (pattern, path, matches) => {
    expect(globExpression(pattern).test(path)).toBe(matches);
  });

  it.each([
    ['*.yaml', '.'],
    ['deploy/*.yaml', 'deploy'],
    ['/a/b/**/c.yaml', '/a/b'],
    ['/*.yaml', '/'],
  ])('%s is searched for in %s', (pattern, base) => {
    expect(isGlob(pattern)).toBe(true);
    expect(globBase(pattern)).toBe(base);
  });

  it('is no plain path', () => {
    expect(isGlob('deploy/web.yaml')).toBe(false);
  });
});
