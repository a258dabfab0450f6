import type { ManifestFormat } from '../kubernetes/manifests.js';
import type { DecisionSource, NewDecision } from '../model/decision.js';
import type { SigningKey } from '../model/checkpoint.js';
import type { VerifyingKey } from '../model/verifying-key.js';
import type { Principal } from '../model/principal.js';
import type { AppendTie, RefusedAppend } from '../storage/append-decisions.js';
import type { Database } from '../storage/database.js';
import type { DecisionFeed } from '../storage/decision-feed.js';
import type { Refusal } from './access/refusals.js';
import type { VerifyInTurn } from './decisions/verify-in-turn.js';
import type { PolicySetCache } from './evaluation/policy-set-cache.js';
import type { ReadObjects } from './evaluation/read-objects.js';
import type { RunPolicyTask } from './policies/policy-tasks.js';

/** Where decisions become durable. */
export interface DecisionLog {
  /**
   * Appends the decisions of one request, all or none; resolves after the commit. `GENERATION_MOVED` tells that the
   * cluster's policy set has changed since they were made: nothing was recorded, evaluate again. `TIE_GONE`: nothing was
   * recorded, because the tie to be taken isn't there.
   */
  append(
    clusterId: string,
    generation: bigint,
    decisions: readonly NewDecision[],
    tie?: AppendTie,
  ): Promise<AppendOutcome>;
}

/** Whether decisions were recorded, and why not. */
export type AppendOutcome =
  | { readonly recorded: true }
  | { readonly recorded: false; readonly reason: RefusedAppend };

/** The keys of the decision logs' checkpoints; UNAVAILABLE where they are in a database that is away. */
export interface Signing {
  /** Signs new checkpoints. */
  readonly key: () => Promise<SigningKey>;
  /** Earlier keys, whose checkpoints still count, and those with which other replicas sign. */
  readonly trusted: () => Promise<readonly VerifyingKey[]>;
}

/** What every operation works with; made once by the composition root. */
export interface Services {
  readonly database: Database;
  readonly policySets: PolicySetCache;
  readonly decisionLog: DecisionLog;
  readonly signing: Signing;
  /** Reads manifests as `readObjects` does, but never holds up other requests for long; also throws TOO_MANY_REQUESTS. */
  readonly readObjects: (body: Uint8Array | string, format: ManifestFormat) => Promise<ReadObjects>;
  /** What takes time with the texts of policies, done beside the event loop where they are long. */
  readonly runPolicyTask: RunPolicyTask;
  /** One verification at a time with a token. */
  readonly verifyInTurn: VerifyInTurn;
  /** Tells when decisions of a cluster may have been recorded. */
  readonly decisionFeed: Pick<DecisionFeed, 'next'>;
  readonly now: () => Date;
  /** A new UUIDv7. */
  readonly newId: () => string;
  /** Told of each request that the token didn't allow, for the record of changes. */
  readonly onRefused: (refusal: Refusal) => void;
  /** Told of each evaluated pod, for the metrics. */
  readonly onEvaluated: (evaluated: {
    readonly allowed: boolean;
    readonly code: string;
    readonly micros: number;
  }) => void;
}

/** Who asks, from where, and what to work with: the first argument of every operation. */
export interface OperationContext {
  readonly principal: Principal;
  readonly source: DecisionSource;
  readonly requestId: string;
  readonly services: Services;
  /** Whether who asked waits for the answer no more: long work then ends. Left out where that can't be known. */
  readonly isGone?: () => boolean;
}
