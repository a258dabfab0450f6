/** What a token allows, from everything to reading only. */
export type Role = 'ADMIN' | 'EDITOR' | 'EVALUATOR' | 'VIEWER';

/** All roles, most powerful first. */
export const ROLES: readonly Role[] = ['ADMIN', 'EDITOR', 'EVALUATOR', 'VIEWER'];

/** Who is asking. */
export interface Principal {
  /** Stable name for the records: `token:<name>`, `admin`, later `oidc:<subject>`. */
  readonly actor: string;
  /** The token's id; null for the admin token of the configuration. */
  readonly tokenId: string | null;
  readonly role: Role;
  /** Names of the clusters outside which nothing exists for this principal; null: all. */
  readonly clusters: readonly string[] | null;
}

/** Whether a cluster exists for this principal. */
export function seesCluster(principal: Principal, clusterName: string): boolean {
  return principal.clusters === null || principal.clusters.includes(clusterName);
}
