import type { Subject } from '../../model/assignment.js';
import { selects } from './label-selector.js';
import type { Binding, Rbac, Role, Rule } from './rbac.js';

/** "This subject may use the policy in this namespace." */
export interface Grant {
  readonly subject: Subject;
  /** null: in all namespaces. */
  readonly namespace: string | null;
}

/** Who may use which policies, as RBAC says it. */
export interface PolicyGrants {
  /** For each policy, in the given order; empty where nobody may. */
  readonly byPolicy: ReadonlyMap<string, readonly Grant[]>;
  /** Bindings to roles that are not there: they grant nothing. */
  readonly dangling: readonly Binding[];
}

/**
 * What RBAC grants of the verb `use` on the policies, in either API group, as the API server's authorizer decides it.
 * An aggregated ClusterRole has its own rules (which a live cluster's controller has filled in) and those of the roles
 * that it selects.
 */
export function policyGrants({ roles, bindings }: Rbac, policies: readonly string[]): PolicyGrants {
  const byKey = new Map(roles.map((role) => [keyOf(role), role]));
  const byPolicy = new Map(policies.map((policy): [string, Grant[]] => [policy, []]));
  const dangling: Binding[] = [];
  for (const binding of bindings) {
    const role = byKey.get(keyOf(referenceOf(binding)));
    if (role === undefined) {
      dangling.push(binding);
      continue;
    }
    const rules = effectiveRules(role, roles);
    for (const [policy, grants] of byPolicy) {
      if (!rules.some((rule) => allowsUse(rule, policy))) continue;
      grants.push(...binding.subjects.map((subject) => ({ subject, namespace: binding.namespace })));
    }
  }
  return { byPolicy, dangling };
}

function referenceOf({ role, namespace }: Binding): Pick<Role, 'name' | 'namespace'> {
  return { name: role.name, namespace: role.kind === 'Role' ? namespace : null };
}

function keyOf({ name, namespace }: Pick<Role, 'name' | 'namespace'>): string {
  return JSON.stringify([namespace, name]);
}

/** The rules of a role with those that it aggregates, also through other aggregated roles. */
function effectiveRules(role: Role, roles: readonly Role[]): readonly Rule[] {
  const reached = new Set([role]);
  for (const { aggregates } of reached) {
    for (const other of roles) {
      const isSelected = aggregates.some((selector) => selects(selector, other.labels));
      // A set's iteration goes on with what is added meanwhile.
      if (other.namespace === null && isSelected) reached.add(other);
    }
  }
  return [...reached].flatMap(({ rules }) => rules);
}

const GROUPS = ['policy', 'extensions'];
const RESOURCE = 'podsecuritypolicies';

function allowsUse({ verbs, apiGroups, resources, resourceNames }: Rule, policy: string): boolean {
  const has = (list: readonly string[], ...wanted: readonly string[]) =>
    list.includes('*') || wanted.some((each) => list.includes(each));
  return (
    has(verbs, 'use') &&
    has(apiGroups, ...GROUPS) &&
    has(resources, RESOURCE) &&
    (resourceNames.length === 0 || resourceNames.includes(policy))
  );
}
