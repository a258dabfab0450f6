import type { Pod } from './pod.js';
import type { FeatureGates } from './policy-spec.js';
import type { Violation } from './violation.js';

/** What is asked of the engine. */
export interface EvaluationRequest {
  /** The pod as submitted. It is never written to. */
  readonly pod: Pod;
  readonly operation: 'CREATE' | 'UPDATE';
  /** The pod as stored; without it no update counts as one that changes nothing. */
  readonly oldPod?: Pod | undefined;
  /** Empty or absent: the pod itself. */
  readonly subresource?: string | undefined;
  /** The request's name, for messages; else the pod's own. */
  readonly name?: string | undefined;
  /** Whether the requesting user or the pod's service account may use a policy. */
  readonly usable: (policy: string) => boolean;
  /**
   * Most violations, each counted for every policy that it speaks for, usable or not: a pod of megabytes against
   * hundreds of policies has more than there is memory for. Default: any number.
   */
  readonly mostViolations?: number | undefined;
  /** Default: `SERVER_GATES`. */
  readonly gates?: FeatureGates | undefined;
}

/** Admitted, or one of three reasons why not. */
export type DecisionCode = 'ADMITTED' | 'NO_POLICY_ASSIGNED' | 'NO_POLICY_USABLE' | 'NO_POLICY_SATISFIED';

/** How a policy fared. */
export type CandidateOutcome = 'ADMITTED' | 'ADMITTED_NOT_CHOSEN' | 'REJECTED' | 'NOT_USABLE';

/** One policy of the set and how it fared. */
export interface Candidate {
  readonly policy: string;
  /**
   * `NOT_USABLE`: not permitted to the subjects, or it can't work (then `unusable` says why). On UPDATE a policy
   * that would have to change the pod is `REJECTED` without violations, as in Kubernetes.
   */
  readonly outcome: CandidateOutcome;
  /** Whether the policy fills something in. False for policies that are not usable. */
  readonly mutates: boolean;
  readonly unusable?: string;
  /** In Kubernetes' order. Empty for policies that are not usable. */
  readonly violations: readonly Violation[];
}

/** The whole result of an evaluation. */
export interface Evaluation {
  readonly allowed: boolean;
  readonly code: DecisionCode;
  /** The policy that admits the pod; `null` where none does or where the request was let through unseen. */
  readonly policy: string | null;
  /** One sentence for people. */
  readonly reason: string;
  /** False: PodSecurityPolicy doesn't look at such a request (a subresource, an update that changes nothing). */
  readonly examined: boolean;
  /** Every policy of the set, in byte order of the names. */
  readonly candidates: readonly Candidate[];
}
