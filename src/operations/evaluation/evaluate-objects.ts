import { type EvaluationReport, summarize } from '../../model/evaluation.js';
import type { CompiledSet } from './compiled-set.js';
import { type EvaluatedPod, evaluatePod, type RequesterInput } from './evaluate-pod.js';
import { fixFinder } from './find-fixes.js';
import { mapInTurns } from '../../model/turns.js';
import type { PodObject, ReadObjects } from './read-objects.js';

/**
 * Evaluates one pod after the other and finds how denied ones could be fixed, giving way to other requests every few
 * milliseconds.
 */
export function evaluateObjects(
  set: CompiledSet,
  pods: readonly PodObject[],
  input: RequesterInput,
): Promise<readonly EvaluatedPod[]> {
  const findFixes = fixFinder(set);
  return mapInTurns(pods, (pod) => {
    const outcome = evaluatePod(set, pod, input);
    return { ...outcome, result: { ...outcome.result, fixes: findFixes(pod, outcome.result) } };
  });
}

/** The report of a request whose pods are evaluated, in the order of the pods. */
export function reportOf(
  cluster: string | null,
  set: CompiledSet,
  read: ReadObjects,
  evaluated: readonly EvaluatedPod[],
): EvaluationReport {
  const results = evaluated.map(({ result }) => result);
  const summary = summarize(results, read.skipped);
  return { allowed: summary.denied === 0, cluster, policySetDigest: set.digest, summary, results };
}
