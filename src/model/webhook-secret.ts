/** A secret that the path of a cluster's webhook may have, as it is kept: never the secret itself. */
export interface WebhookSecret {
  readonly id: string;
  readonly clusterId: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}
