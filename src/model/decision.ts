import type { Candidate, DecisionCode, JsonPatchOperation } from '../engine/index.js';
import type { AdmissionMode, AdmissionPhase, DecisionAdmission } from './admission.js';
import type { Requester } from './assignment.js';

/** From where an evaluation was asked. */
export type DecisionSource = 'REST' | 'GRAPHQL' | 'CLI' | 'WEBHOOK';

/** A policy that was considered, in its version, with what spoke against it. */
export type DecisionCandidate = Candidate & {
  /** null only where the policies were given in the request and have no versions. */
  readonly version: number | null;
};

/** The object that was evaluated, as it was submitted. */
export interface DecisionObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  /** The name, else the generateName as it is, else empty. */
  readonly name: string;
  /** Where the pod is in the object: `` for a Pod, `spec.template` in a Deployment … */
  readonly podPath: string;
}

/** What is recorded of one evaluated pod. */
export interface NewDecision {
  /** UUIDv7. */
  readonly id: string;
  readonly clusterId: string;
  readonly decidedAt: Date;
  readonly source: DecisionSource;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly object: DecisionObject;
  /** Digest of the stored, masked object. */
  readonly podDigest: string;
  /** Canonical JSON that `podDigest` names. */
  readonly podContent: string;
  readonly allowed: boolean;
  readonly code: DecisionCode;
  readonly policyVersionId: string | null;
  readonly policyName: string | null;
  readonly policyVersion: number | null;
  readonly reason: string;
  readonly candidates: readonly DecisionCandidate[];
  readonly patch: readonly JsonPatchOperation[];
  readonly warnings: readonly string[];
  /** Who asked Podgate: the principal's actor name. */
  readonly actor: string;
  /** Whose rights were considered. */
  readonly requester: Requester;
  readonly policySetDigest: string;
  /** The cluster's generation with which the decision was made; the append refuses another. */
  readonly generation: bigint;
  readonly engineVersion: string;
  /** Time that the engine took, in microseconds. */
  readonly durationMicros: number;
  /** About the API server's request that asked; null where something else did. */
  readonly admission: DecisionAdmission | null;
}

/** A recorded decision. */
export interface Decision extends Omit<NewDecision, 'podContent'> {
  readonly clusterName: string;
  /** Position in the cluster's log, from 1 without gaps. */
  readonly sequence: bigint;
  readonly recordedAt: Date;
}

/** What can be asked of a cluster's decisions; an absent member doesn't filter. */
export interface DecisionFilter {
  readonly allowed?: boolean;
  readonly code?: DecisionCode;
  /** Name of the chosen policy. */
  readonly policy?: string;
  /** Version of the chosen policy; only together with `policy`. */
  readonly version?: number;
  /** A control that was violated under some candidate of a denied pod. */
  readonly control?: string;
  readonly namespace?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly source?: DecisionSource;
  /** Asked by this webhook. */
  readonly phase?: AdmissionPhase;
  /** Made for an API server's request while this mode was in force. */
  readonly mode?: AdmissionMode;
  /** Denied, and let through because of the mode: what ENFORCE would have refused, each creation once. Or all others. */
  readonly wouldDeny?: boolean;
  readonly actor?: string;
  /** Inclusive. */
  readonly since?: Date;
  /** Exclusive. */
  readonly until?: Date;
}

/** Which end of the log comes first. */
export type DecisionOrder = 'newest' | 'oldest';
