import { describe, expect, it } from 'vitest';
import { ACTIONS, type Action } from '../../src/access/actions.js';
import { authorize, authorizeCluster } from '../../src/access/authorize.js';
import type { Principal, Role } from '../../src/model/principal.js';

const principal = (role: Role, clusters: readonly string[] | null = null): Principal => ({
  actor: 'token:test',
  tokenId: null,
  role,
  clusters,
});

/** What each role may do, written down a second time on purpose: a slip in the table fails here. */
const ALLOWED: Readonly<Record<Action, string>> = {
  'cluster:save': 'ADMIN',
  'cluster:read': 'ADMIN EDITOR EVALUATOR VIEWER',
  'cluster:list': 'ADMIN EDITOR EVALUATOR VIEWER',
  'policy:save': 'ADMIN EDITOR',
  'policy:archive': 'ADMIN EDITOR',
  'policy:read': 'ADMIN EDITOR VIEWER',
  'assignment:save': 'ADMIN EDITOR',
  'assignment:read': 'ADMIN EDITOR VIEWER',
  'policy-set:read': 'ADMIN EDITOR EVALUATOR VIEWER',
  'pod-spec:save': 'ADMIN EDITOR',
  'pod-spec:read': 'ADMIN EDITOR VIEWER',
  'pod:evaluate': 'ADMIN EDITOR EVALUATOR',
  'pod:simulate': 'ADMIN EDITOR EVALUATOR VIEWER',
  'pod:simulate-inline': 'ADMIN EDITOR EVALUATOR VIEWER',
  'decision:read': 'ADMIN EDITOR EVALUATOR VIEWER',
  'decision:count': 'ADMIN EDITOR VIEWER',
  'decision:verify': 'ADMIN EDITOR VIEWER',
  'signing-key:read': 'ADMIN EDITOR EVALUATOR VIEWER',
  'change:read': 'ADMIN EDITOR VIEWER',
  'webhook:manage': 'ADMIN',
  'token:manage': 'ADMIN',
  'metrics:read': 'ADMIN EDITOR VIEWER',
};

describe('the table of actions', () => {
  it.each(Object.entries(ALLOWED))('lets %s be done by %s', (action, roles) => {
    expect(ACTIONS[action as Action].roles.join(' ')).toBe(roles); // the keys of ALLOWED are actions
  });
});

describe('authorize', () => {
  it('refuses a role that may not', () => {
    expect(() => authorize(principal('VIEWER'), 'policy:save')).toThrow(
      'policy:save needs role one of ADMIN, EDITOR, and this token has VIEWER',
    );
    expect(() => authorize(principal('EDITOR'), 'token:manage')).toThrow(
      'token:manage needs role ADMIN, and this token has EDITOR',
    );
  });

  it('refuses what concerns all clusters to a token that is limited to some', () => {
    expect(() => authorize(principal('EDITOR', ['a']), 'policy:save')).toThrow('limited to clusters');
    expect(() => authorize(principal('EDITOR', ['a']), 'policy:read')).not.toThrow();
  });
});

describe('authorizeCluster', () => {
  it('lets a token act in its clusters', () => {
    expect(() => authorizeCluster(principal('EDITOR', ['a', 'b']), 'assignment:save', 'b')).not.toThrow();
  });

  it('hides other clusters even from a role that may not act at all', () => {
    for (const role of ['ADMIN', 'VIEWER'] as const) {
      expect(() => authorizeCluster(principal(role, ['a']), 'cluster:save', 'b')).toThrow(
        'Cluster "b" was not found',
      );
    }
  });
});
