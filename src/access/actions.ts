import type { Role } from '../model/principal.js';

const EVERYBODY: readonly Role[] = ['ADMIN', 'EDITOR', 'EVALUATOR', 'VIEWER'];
const READERS: readonly Role[] = ['ADMIN', 'EDITOR', 'VIEWER'];
const EDITORS: readonly Role[] = ['ADMIN', 'EDITOR'];
const ADMINS: readonly Role[] = ['ADMIN'];

/**
 * Every action there is and the roles that may do it: the only place that says so.
 *
 * `scope` tells what a token's list of clusters does: `cluster` actions name one cluster and are refused as "not
 * found" outside the list; `global` ones concern what all clusters share and are refused to a token that has a list;
 * `filtered` ones are allowed, and what lies outside the list is left out of the answer.
 */
export const ACTIONS = {
  'cluster:save': { roles: ADMINS, scope: 'cluster' },
  'cluster:read': { roles: EVERYBODY, scope: 'cluster' },
  'cluster:list': { roles: EVERYBODY, scope: 'filtered' },
  'policy:save': { roles: EDITORS, scope: 'global' },
  'policy:archive': { roles: EDITORS, scope: 'global' },
  'policy:read': { roles: READERS, scope: 'filtered' },
  'assignment:save': { roles: EDITORS, scope: 'cluster' },
  'assignment:read': { roles: READERS, scope: 'cluster' },
  'policy-set:read': { roles: EVERYBODY, scope: 'cluster' },
  'pod-spec:save': { roles: EDITORS, scope: 'cluster' },
  'pod-spec:read': { roles: READERS, scope: 'cluster' },
  'pod:evaluate': { roles: ['ADMIN', 'EDITOR', 'EVALUATOR'], scope: 'cluster' },
  'pod:simulate': { roles: EVERYBODY, scope: 'cluster' },
  'pod:simulate-inline': { roles: EVERYBODY, scope: 'filtered' },
  'decision:read': { roles: EVERYBODY, scope: 'cluster' },
  'decision:count': { roles: READERS, scope: 'cluster' },
  'decision:verify': { roles: READERS, scope: 'cluster' },
  'signing-key:read': { roles: EVERYBODY, scope: 'filtered' },
  'change:read': { roles: READERS, scope: 'filtered' },
  'webhook:manage': { roles: ADMINS, scope: 'cluster' },
  'token:manage': { roles: ADMINS, scope: 'global' },
  'metrics:read': { roles: READERS, scope: 'global' },
} as const satisfies Record<string, { roles: readonly Role[]; scope: 'cluster' | 'global' | 'filtered' }>;

/** The name of an action. */
export type Action = keyof typeof ACTIONS;

/** Roles that read only the decisions which they asked for themselves. */
export const READS_OWN_DECISIONS: ReadonlySet<Role> = new Set(['EVALUATOR']);
