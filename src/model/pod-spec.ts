/** A stored workload or pod of a cluster. */
export interface PodSpec {
  readonly id: string;
  readonly clusterId: string;
  readonly clusterName: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** Number of the newest revision, from 1. */
  readonly latestRevision: number;
  readonly createdAt: Date;
}

/** One immutable revision of a stored workload. */
export interface PodSpecRevision {
  readonly id: string;
  readonly podSpecId: string;
  readonly number: number;
  /** Digest of the stored, masked object. */
  readonly digest: string;
  /** Canonical JSON of the workload, values that may be secret masked. */
  readonly content: string;
  readonly author: string;
  readonly createdAt: Date;
}
