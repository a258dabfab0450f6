/** What was done. */
export type ChangeAction =
  | 'CLUSTER_CREATED'
  | 'CLUSTER_UPDATED'
  | 'POLICY_CREATED'
  | 'POLICY_VERSION_SAVED'
  | 'POLICY_VERSION_RESTORED'
  | 'POLICY_ARCHIVED'
  | 'POLICY_UNARCHIVED'
  | 'POLICY_ASSIGNED'
  | 'POLICY_REASSIGNED'
  | 'POLICY_UNASSIGNED'
  | 'POD_SPEC_SAVED'
  | 'TOKEN_CREATED'
  | 'TOKEN_REVOKED'
  | 'WEBHOOK_SECRET_CREATED'
  | 'WEBHOOK_SECRET_REVOKED'
  | 'ACCESS_REFUSED';

/** A change to be recorded: written in the transaction of the change itself. */
export interface NewChange {
  readonly actor: string;
  readonly action: ChangeAction;
  readonly clusterId: string | null;
  readonly policyId: string | null;
  /** What a reader needs to understand the change: versions, terms before and after. JSON. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Who changed what, and when. */
export interface Change extends NewChange {
  readonly id: string;
  readonly at: Date;
  readonly clusterName: string | null;
  readonly policyName: string | null;
}
