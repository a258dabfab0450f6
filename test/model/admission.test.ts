import { describe, expect, test } from 'vitest';
import { modeIn, NAMESPACE_PATTERN } from '../../src/model/admission.js';
import { DEFAULT_CLUSTER_SETTINGS } from '../../src/model/cluster.js';

describe('the mode in a namespace', () => {
  const settings = {
    ...DEFAULT_CLUSTER_SETTINGS,
    namespaceModes: [
      { namespace: 'team-*', mode: 'WARN' },
      { namespace: '*-test', mode: 'AUDIT' },
      { namespace: 'team-a', mode: 'ENFORCE' },
      { namespace: 'a*b*a', mode: 'AUDIT' },
    ],
  } as const;

  test.each([
    ['shop', 'ENFORCE', 'is that of the cluster'],
    ['team-b', 'WARN', 'is that of a pattern that fits'],
    ['team-a', 'ENFORCE', 'is that of its own name, whatever stands before'],
    ['team-test', 'WARN', 'is that of the first pattern that fits'],
    ['shop-test', 'AUDIT', 'is that of a pattern with its star in front'],
    ['aba', 'AUDIT', 'is that of a pattern whose stars stand for nothing'],
    ['ab', 'ENFORCE', 'is not that of a pattern whose ends overlap'],
    ['xteam-b', 'ENFORCE', 'is not that of a pattern that fits a part'],
  ])('%s: %s, %s', (namespace, mode) => {
    expect(modeIn(settings, namespace)).toBe(mode);
  });
});

test.each([
  ['team-*', true],
  ['*', true],
  ['-a', false],
  ['Team', false],
  ['', false],
  ['a'.repeat(64), false],
])('%s as a pattern: %s', (pattern, isOne) => {
  expect(NAMESPACE_PATTERN.test(pattern)).toBe(isOne);
});
