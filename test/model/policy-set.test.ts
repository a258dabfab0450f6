import { describe, expect, it } from 'vitest';
import { contentDigest, policySetDigest, type PolicySetMember } from '../../src/model/policy-set.js';

const member: PolicySetMember = {
  policyId: '1',
  policyName: 'restricted',
  versionId: '2',
  version: 3,
  digest: contentDigest('{}'),
  content: '{}',
  pinnedVersion: null,
  subjects: [
    { kind: 'User', name: 'alice' },
    { kind: 'ServiceAccount', name: 'bot', namespace: 'ci' },
  ],
  namespaces: ['a', 'b'],
};

describe('policySetDigest', () => {
  const same: readonly [string, Partial<PolicySetMember>][] = [
    ['the number of the version', { version: 4, versionId: '5', pinnedVersion: 4 }],
    ['the order of the subjects', { subjects: member.subjects?.toReversed() ?? null }],
    ['the order of the namespaces', { namespaces: ['b', 'a'] }],
  ];
  it.each(same)('does not depend on %s', (_, change) => {
    expect(policySetDigest([{ ...member, ...change }])).toBe(policySetDigest([member]));
  });

  const different: readonly [string, Partial<PolicySetMember>][] = [
    ['the name', { policyName: 'other' }],
    ['the content', { digest: contentDigest('{"a":1}') }],
    ['a subject', { subjects: [{ kind: 'User', name: 'alice' }] }],
    ['everybody instead of subjects', { subjects: null }],
    ['a namespace', { namespaces: ['a'] }],
    ['all namespaces instead of some', { namespaces: null }],
  ];
  it.each(different)('depends on %s', (_, change) => {
    expect(policySetDigest([{ ...member, ...change }])).not.toBe(policySetDigest([member]));
  });

  it('has a form that says which hash it is', () => {
    expect(policySetDigest([])).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});
