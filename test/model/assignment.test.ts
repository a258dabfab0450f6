import { describe, expect, it } from 'vitest';
import { groupsOf, mayUse, type Requester, type Subject } from '../../src/model/assignment.js';

const nobody: Requester = { user: null, groups: [], serviceAccount: null, namespace: 'team-a' };
const alice: Requester = { ...nobody, user: 'alice', groups: ['dev', 'system:authenticated'] };
const builder: Requester = { ...nobody, serviceAccount: 'builder' };

const user = (name: string): Subject => ({ kind: 'User', name });
const group = (name: string): Subject => ({ kind: 'Group', name });
const account = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', name, namespace });

const cases: readonly [string, readonly Subject[] | null, readonly string[] | null, Requester, boolean][] = [
  ['everybody, also without any identity', null, null, nobody, true],
  ['nobody in a namespace that is not named', null, ['team-b'], alice, false],
  ['everybody in a namespace that is named', null, ['team-b', 'team-a'], alice, true],
  ['a user by name', [user('alice')], null, alice, true],
  ['no other user', [user('bob')], null, alice, false],
  ['no user whose name is only alike', [user('Alice')], null, alice, false],
  ['a user by group', [group('dev')], null, alice, true],
  ['no user of another group', [group('ops')], null, alice, false],
  ['a user by one of several subjects', [user('bob'), group('dev')], null, alice, true],
  ['a service account by name and namespace', [account('team-a', 'builder')], null, builder, true],
  ['no service account of another namespace', [account('team-b', 'builder')], null, builder, false],
  ['a service account by its user name', [user('system:serviceaccount:team-a:builder')], null, builder, true],
  ['a service account by the group of all', [group('system:serviceaccounts')], null, builder, true],
  [
    'a service account by the group of its namespace',
    [group('system:serviceaccounts:team-a')],
    null,
    builder,
    true,
  ],
  [
    'no service account by the group of the authenticated',
    [group('system:authenticated')],
    null,
    builder,
    false,
  ],
  [
    'the user where the service account may not',
    [group('system:authenticated')],
    null,
    { ...alice, serviceAccount: 'builder' },
    true,
  ],
  [
    'the service account where the user may not',
    [account('team-a', 'builder')],
    null,
    { ...alice, serviceAccount: 'builder' },
    true,
  ],
  [
    'a service account as the requesting user',
    [account('ci', 'bot')],
    null,
    { ...nobody, user: 'system:serviceaccount:ci:bot' },
    true,
  ],
  ['system:masters everything', [user('bob')], ['team-b'], { ...alice, groups: ['system:masters'] }, true],
  ['nobody where there is no identity', [group('dev')], null, nobody, false],
];

describe('mayUse', () => {
  it.each(cases)('lets in %s', (_, subjects, namespaces, requester, expected) => {
    expect(mayUse({ subjects, namespaces }, requester)).toBe(expected);
  });
});

describe('groupsOf', () => {
  it('adds the group of the authenticated, once', () => {
    expect(groupsOf('alice', ['dev', 'system:authenticated'])).toEqual(['dev', 'system:authenticated']);
    expect(groupsOf('alice', [])).toEqual(['system:authenticated']);
  });

  it('adds the two groups that a service account bears', () => {
    expect(groupsOf('system:serviceaccount:ci:bot', [])).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:ci',
      'system:authenticated',
    ]);
  });
});
