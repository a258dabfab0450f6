import { compareBytes } from '../../engine/index.js';
import type { PolicyInFile } from '../policy-files.js';
import { type Expressed, expressGrants } from './express-grants.js';
import { type PolicyGrants, policyGrants } from './grants.js';
import type { Rbac } from './rbac.js';

/** A policy and how it will be assigned. */
export interface PlannedPolicy extends Expressed {
  readonly policy: PolicyInFile;
  /** Why admission never uses it; null: it does. */
  readonly unusable: string | null;
}

/** What an import will do. */
export interface ImportPlan {
  /** In byte order of the names. */
  readonly policies: readonly PlannedPolicy[];
  readonly dangling: PolicyGrants['dangling'];
}

/** Plans assignments that decide as the cluster did whose policies and RBAC objects these are. */
export function planImport(policies: readonly PolicyInFile[], rbac: Rbac, widen: boolean): ImportPlan {
  const ordered = policies.toSorted((a, b) => compareBytes(a.name, b.name));
  const { byPolicy, dangling } = policyGrants(
    rbac,
    ordered.map(({ name }) => name),
  );
  const planned = ordered.map((policy) => ({
    policy,
    unusable: policy.given.policy.unusable,
    ...expressGrants(byPolicy.get(policy.name) ?? [], widen),
  }));
  return { policies: planned, dangling };
}

/** Whether the assignments decide about every pod's own service account and every user as the cluster did. */
export function isExact({ policies }: ImportPlan): boolean {
  return policies.every(({ lost, added }) => lost.length === 0 && added.length === 0);
}
