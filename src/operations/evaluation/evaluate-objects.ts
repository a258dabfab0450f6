import type { PolicyFix } from '../../model/fixes/policy-fix.js';
import { type EvaluationReport, summarize } from '../../model/evaluation.js';
import { Said } from './said.js';
import type { CompiledSet } from './compiled-set.js';
import { type EvaluatedPod, evaluatePod } from './evaluate-pod.js';
import { fixFinder } from './find-fixes.js';
import { Turns } from '../../model/turns.js';
import type { PodObject, ReadObjects } from './read-objects.js';
import type { RequesterInput } from './requester-input.js';

/**
 * Evaluates one pod after the other and finds how denied ones could be fixed, giving way to other requests every few
 * milliseconds. Throws TOO_LARGE where there is more to be said than can be recorded and answered.
 */
export async function evaluateObjects(
  set: CompiledSet,
  pods: readonly PodObject[],
  input: RequesterInput,
): Promise<readonly EvaluatedPod[]> {
  const findFixes = fixFinder(set);
  const turns = new Turns();
  const said = new Said();
  const evaluated: EvaluatedPod[] = [];
  for (const pod of pods) {
    const outcome = evaluatePod(set, pod, input);
    said.add(outcome.said);
    const fixes: PolicyFix[] = [];
    for (const fix of findFixes(pod, outcome.result)) {
      said.addFix(fix);
      fixes.push(fix);
      if (turns.isOver()) await turns.giveWay();
    }
    evaluated.push({ ...outcome, result: { ...outcome.result, fixes } });
    if (turns.isOver()) await turns.giveWay();
  }
  return evaluated;
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
