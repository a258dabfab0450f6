import type { JsonValue, Pod } from '../../engine/index.js';

/** How the set of pods that the newer policy admits compares with that of the older one. */
export type DiffVerdict = 'EQUIVALENT' | 'TIGHTENED' | 'LOOSENED' | 'MIXED';

/**
 * What the change of one field does: refuses pods that were admitted, admits pods that were refused, both, or nothing
 * but filling in other values.
 */
export type ChangeEffect = 'TIGHTENS' | 'LOOSENS' | 'CHANGES' | 'DEFAULTS';

/** A field that differs in meaning. */
export interface PolicyChange {
  /** As Kubernetes names it: `spec.hostPorts`, `metadata.annotations[seccomp…/allowedProfileNames]`. */
  readonly field: string;
  /** The older value as it is written in the policy; `null`: absent. */
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly effect: ChangeEffect;
  /**
   * A small pod that exactly one of the two policies admits, tried with the engine: the newer one with `LOOSENS` and
   * `CHANGES`, the older one with `TIGHTENS`. None with `DEFAULTS`.
   */
  readonly witness?: Pod;
  /** Only with `CHANGES`: a pod that only the older policy admits. */
  readonly counterWitness?: Pod;
}

/** The difference in meaning of two policies. */
export interface PolicyDiff {
  /** Compares the sets of pods admitted and nothing else. */
  readonly verdict: DiffVerdict;
  /** Fields whose texts differ without consequences are not among them. */
  readonly changes: readonly PolicyChange[];
}
