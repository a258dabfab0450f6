import { describe, expect, it } from 'vitest';
import { PodgateError } from '../../../src/model/errors.js';
import {
  IN_ARGUMENTS,
  IN_BODY,
  readRequester,
  type RequesterInput,
} from '../../../src/operations/evaluation/requester-input.js';

const NOBODY: RequesterInput = { namespace: 'default', user: null, groups: [], serviceAccount: null };

function problemsOf(given: Partial<RequesterInput>, place = IN_ARGUMENTS): PodgateError['problems'] {
  try {
    readRequester({ ...NOBODY, ...given }, place);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(PodgateError);
    return (error as PodgateError).problems;
  }
}

describe('a requester', () => {
  it('without a user has no groups', () => {
    expect(readRequester(NOBODY, IN_BODY)).toEqual(NOBODY);
  });

  it('who is a user has the groups that an API server gives him too', () => {
    const { groups } = readRequester({ ...NOBODY, user: 'ann', groups: ['dev'] }, IN_BODY);
    expect(groups).toEqual(['dev', 'system:authenticated']);
  });

  it.each<[string, Partial<RequesterInput>]>([
    ['namespace', { namespace: 'n'.repeat(63) }],
    ['user', { user: 'u'.repeat(512) }],
    ['group', { user: 'u', groups: ['g'.repeat(512)] }],
    ['serviceAccount', { serviceAccount: 's'.repeat(253) }],
  ])('may have a %s of the longest length', (_, given) => {
    expect(problemsOf(given)).toEqual([]);
  });

  it.each<[Partial<RequesterInput>, string, string]>([
    [{ namespace: '' }, 'namespace', 'namespace must have 1 to 63 characters'],
    [{ namespace: 'n'.repeat(64) }, 'namespace', 'namespace must have 1 to 63 characters'],
    [{ user: '' }, 'user', 'user must have 1 to 512 characters'],
    [{ user: 'u'.repeat(513) }, 'user', 'user must have 1 to 512 characters'],
    [{ user: 'u', groups: ['a', ''] }, 'groups', 'groups must each have 1 to 512 characters'],
    [{ user: 'u', groups: ['g'.repeat(513)] }, 'groups', 'groups must each have 1 to 512 characters'],
    [{ groups: ['a'] }, 'groups', 'groups has a meaning only together with user'],
    [{ serviceAccount: '' }, 'serviceAccount', 'serviceAccount must have 1 to 253 characters'],
    [{ serviceAccount: 's'.repeat(254) }, 'serviceAccount', 'serviceAccount must have 1 to 253 characters'],
  ])('is refused as %j', (given, member, message) => {
    expect(problemsOf(given)).toEqual([{ message, field: member, pointer: member }]);
    expect(problemsOf(given, IN_BODY)).toEqual([{ message, field: member, pointer: `/${member}` }]);
  });

  it('is refused with everything that is wrong', () => {
    const fields = problemsOf({ namespace: '', groups: ['a'], serviceAccount: '' }).map(({ field }) => field);
    expect(fields).toEqual(['namespace', 'groups', 'serviceAccount']);
  });
});
