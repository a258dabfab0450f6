import type { OperationContext } from '../context.js';
import type { AdmissionClusters } from './admission-clusters.js';
import type { AdmissionRecorder } from './admission-recorder.js';
import type { Deadline } from './deadline.js';
import type { MutateTies } from './mutate-ties.js';

/** What the operations of the admission webhook work with beside what all have; made once by the composition root. */
export interface AdmissionServices {
  readonly clusters: AdmissionClusters;
  readonly mutated: MutateTies;
  /** Makes decisions durable, also while the database is away. */
  readonly recorder: AdmissionRecorder;
  /** Namespaces whose objects are let through unseen: nothing may ever stop those. */
  readonly excludedNamespaces: ReadonlySet<string>;
}

/** The context of an operation that answers an API server. */
export interface AdmissionContext extends OperationContext {
  readonly admission: AdmissionServices;
  /** By when it wants its answer. */
  readonly deadline: Deadline;
  /** SHA-256 in hex of the secret in the path by which it was known; null where it was known otherwise. */
  readonly secretHash: string | null;
}
