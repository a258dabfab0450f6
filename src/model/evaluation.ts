import type { DecisionCode, JsonPatchOperation } from '../engine/index.js';
import type { DecisionCandidate, DecisionObject } from './decision.js';
import type { PolicyFix } from './fixes/policy-fix.js';

/** Which object of a request a result is about. */
export interface EvaluatedObject extends DecisionObject {
  /** Number of its document in the request, from 0. */
  readonly document: number;
  /** Index in the `List` that the document is; null where it is none. */
  readonly item: number | null;
}

/** What the policies say to one pod. */
export interface EvaluationResult {
  readonly object: EvaluatedObject;
  /** The recorded decision; null where nothing was recorded. */
  readonly decisionId: string | null;
  readonly allowed: boolean;
  readonly code: DecisionCode;
  readonly policy: { readonly name: string; readonly version: number | null } | null;
  /** Why, in one sentence. */
  readonly reason: string;
  /** RFC 6902, to be applied to the submitted object (of a List: to the item). */
  readonly patch: readonly JsonPatchOperation[];
  readonly warnings: readonly string[];
  readonly candidates: readonly DecisionCandidate[];
  /** How a denied pod could be admitted: one for each candidate that rejects it, in their order. */
  readonly fixes: readonly PolicyFix[];
}

/** The answer to a request for evaluation. */
export interface EvaluationReport {
  /** True when nothing was denied. */
  readonly allowed: boolean;
  /** Name of the cluster; null where the policies were given in the request. */
  readonly cluster: string | null;
  readonly policySetDigest: string;
  readonly summary: EvaluationSummary;
  readonly results: readonly EvaluationResult[];
}

/** How many objects there were (the items of a List count one by one), and what became of them. */
export interface EvaluationSummary {
  readonly documents: number;
  readonly evaluated: number;
  readonly admitted: number;
  readonly denied: number;
  /** Objects that bear no pod. */
  readonly skipped: number;
}

/** Counts the results of a request. */
export function summarize(
  results: readonly { readonly allowed: boolean }[],
  skipped: number,
): EvaluationSummary {
  const admitted = results.filter((result) => result.allowed).length;
  const evaluated = results.length;
  return { documents: evaluated + skipped, evaluated, admitted, denied: evaluated - admitted, skipped };
}
