import type { Changes } from '../changes.js';
import type { ContainerView } from '../containers.js';
import type { Findings } from '../findings.js';
import type { PodView } from '../pod-view.js';
import type { FeatureGates, PolicySource } from '../policy-spec.js';
import type { ControlName } from '../violation.js';

/**
 * One requirement of a policy, in two halves: what it fills in, and what it demands of the pod then. Each half depends
 * on the pod and on its own part of the policy only, so equal parts of many policies are asked once a pod. Parts are
 * plain data that can be compared.
 */
export interface Control<Fill, Demand> {
  /** The file's name. */
  readonly id: string;
  /** What one can look up about it: one entry for each field of the policy that it may name. */
  readonly fields: readonly ControlField[];
  /** Why admission can't work with what a policy has here although the API accepts it, or `null`. */
  unusable?(policy: PolicySource): string | null;

  /** What a policy fills in here; `null`: nothing in any pod. */
  fills?(policy: PolicySource): Fill | null;
  /** Fills in what the pod leaves open, but what belongs into the containers' contexts. */
  default?(this: void, fill: Fill, pod: PodView, changes: Changes): void;
  /** Fills in what a container's context leaves open, whatever the other containers have. A control has one of both. */
  defaultContainer?(this: void, fill: Fill, container: ContainerView, changes: Changes): void;

  /** What a policy demands here, with what its own default makes of a pod; `null`: nothing of any pod. */
  demands(policy: PolicySource, gates: FeatureGates): Demand | null;
  /**
   * What two demands have in common: a demand that no pod meets without meeting both. `null`, or no such method: nothing
   * worth asking. Only whether a pod meets it is of interest, not what it would say.
   */
  common?(this: void, one: Demand, other: Demand): Demand | null;
  /** Whether a pod has anything that any demand of this control looks at; without it: always. */
  concerns?(this: void, pod: PodView): boolean;
  /** Judges the pod as it is once that is filled in. */
  validate(this: void, demand: Demand, pod: PodView, findings: Findings): void;
}

/** The public face of a control, for reports and documentation. */
export interface ControlField {
  readonly name: ControlName;
  readonly title: string;
  /** What it restricts. */
  readonly description: string;
  /** What to change in the pod, or who may change what in the policy. */
  readonly help: string;
}
