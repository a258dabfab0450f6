import { groupsOf, type Requester } from '../../../src/model/assignment.js';
import type { Binding, Rbac, Role } from '../../../src/cli/import/rbac.js';
import { selects } from '../../../src/cli/import/label-selector.js';

/** Who a request comes from, as RBAC's authorizer sees it. */
interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

/**
 * Whether RBAC lets the requester use the policy: written as `rbac.authorization.k8s.io` decides a single request, by
 * walking the bindings for each identity, and not as grants are collected.
 */
export function rbacAllows(rbac: Rbac, policy: string, requester: Requester): boolean {
  const { namespace, serviceAccount, user, groups } = requester;
  const identities: Identity[] = [];
  if (serviceAccount !== null) {
    const all = 'system:serviceaccounts';
    identities.push({
      user: `system:serviceaccount:${namespace}:${serviceAccount}`,
      groups: [all, `${all}:${namespace}`],
    });
  }
  if (user !== null) identities.push({ user, groups });
  return identities.some(
    (identity) =>
      identity.groups.includes('system:masters') ||
      rbac.bindings.some(
        (binding) =>
          (binding.namespace === null || binding.namespace === namespace) &&
          binding.subjects.some((subject) => isSubject(subject, identity)) &&
          roleAllows(rbac, binding, policy),
      ),
  );
}

function isSubject(
  { kind, name, namespace }: Binding['subjects'][number],
  { user, groups }: Identity,
): boolean {
  if (kind === 'Group') return groups.includes(name);
  return user === (kind === 'User' ? name : `system:serviceaccount:${namespace}:${name}`);
}

function roleAllows(rbac: Rbac, { role, namespace }: Binding, policy: string): boolean {
  const of = role.kind === 'Role' ? namespace : null;
  const found = rbac.roles.find((each) => each.name === role.name && each.namespace === of);
  return found !== undefined && ownOrAggregated(rbac, found, new Set(), policy);
}

function ownOrAggregated(rbac: Rbac, role: Role, seen: Set<Role>, policy: string): boolean {
  if (seen.has(role)) return false;
  seen.add(role);
  const has = (list: readonly string[], wanted: string) => list.includes('*') || list.includes(wanted);
  const own = role.rules.some(
    ({ verbs, apiGroups, resources, resourceNames }) =>
      has(verbs, 'use') &&
      (has(apiGroups, 'policy') || has(apiGroups, 'extensions')) &&
      has(resources, 'podsecuritypolicies') &&
      (resourceNames.length === 0 || resourceNames.includes(policy)),
  );
  const selected = rbac.roles.filter(
    ({ namespace, labels }) =>
      namespace === null && role.aggregates.some((selector) => selects(selector, labels)),
  );
  return own || selected.some((other) => ownOrAggregated(rbac, other, seen, policy));
}

/** Requesters of a small world: every user (or none) with every service account (or none) in every namespace. */
export function requestersOf(
  namespaces: readonly string[],
  accounts: readonly string[],
  users: readonly (readonly [user: string, ...groups: string[]])[],
): readonly Requester[] {
  const askers = [
    { user: null, groups: [] },
    ...users.map(([user, ...groups]) => ({ user, groups: groupsOf(user, groups) })),
    ...namespaces.flatMap((namespace) =>
      accounts.map((account) => {
        const user = `system:serviceaccount:${namespace}:${account}`;
        return { user, groups: groupsOf(user, []) };
      }),
    ),
  ];
  return namespaces.flatMap((namespace) =>
    [null, ...accounts].flatMap((serviceAccount) =>
      askers.map((asker) => ({ ...asker, serviceAccount, namespace })),
    ),
  );
}
