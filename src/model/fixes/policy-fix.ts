import type { JsonValue } from '../../engine/index.js';

/** One operation of a JSON Patch (RFC 6902) of the submitted object. */
export type FixOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string };

/** A value that only the author of a manifest can know. */
interface FixChoice {
  /** Kubernetes' path in the pod, such as `spec.containers[0].ports[1].hostPort`. */
  readonly field: string;
  /** JSON Pointer (RFC 6901) into the submitted object. */
  readonly pointer: string;
  /** What to choose, in one sentence. */
  readonly message: string;
  /** What the policy allows there, such as `8000-8080`; empty: there is nothing to choose from but to do without. */
  readonly allowed: readonly string[];
}

/** How a rejected pod could satisfy one policy. */
export interface PolicyFix {
  readonly policy: string;
  /**
   * No operation of it can be left out. Without choices it alone makes the policy admit the pod, which the engine has
   * proven; with them, once they are made (proven with values that are allowed).
   */
  readonly patch: readonly FixOperation[];
  /** What else the author must choose. */
  readonly choices: readonly FixChoice[];
  /** Why no change of the manifest helps or none is looked for, in one sentence; `null`: the other members tell what does. */
  readonly impossible: string | null;
}
