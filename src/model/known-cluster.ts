import type { ClusterPolicySet } from './policy-set.js';

/** All that is needed to answer a cluster's API server, as it was at one generation. */
export interface KnownCluster {
  readonly set: ClusterPolicySet;
  /** SHA-256 in hex of the secrets with which the webhook may be called. */
  readonly secretHashes: readonly string[];
}
