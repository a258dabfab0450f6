import type { Decision } from '../../model/decision.js';
import type { PodSpec } from '../../model/pod-spec.js';
import { findPodSpecsByPaths } from '../../storage/pod-specs.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import { podSpecPathText } from '../pod-specs/get-pod-specs.js';

/** Finds the stored workload of a decision's namespace, kind and name; undefined where there is none. */
export type PodSpecOf = (decision: Decision) => PodSpec | undefined;

/**
 * The stored workloads of these decisions, read together. Whoever may read a decision may know which workload it is
 * about, and so gets the reference also without a right to read the workload's revisions.
 */
export async function podSpecsOfDecisions(
  { services }: OperationContext,
  decisions: readonly Decision[],
): Promise<PodSpecOf> {
  const paths = new Map(decisions.map((decision) => [pathText(decision), pathOf(decision)]));
  if (paths.size === 0) return () => undefined;
  const found = await findPodSpecsByPaths(readOnly(services.database), [...paths.values()]);
  const byPath = new Map(
    found.map((podSpec) => [podSpecPathText({ ...podSpec, cluster: podSpec.clusterName }), podSpec]),
  );
  return (decision) => byPath.get(pathText(decision));
}

function pathOf({ clusterName, object: { namespace, kind, name } }: Decision) {
  return { cluster: clusterName, namespace, kind, name };
}

function pathText(decision: Decision): string {
  return podSpecPathText(pathOf(decision));
}
