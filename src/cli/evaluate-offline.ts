import { evaluateObjects, reportOf } from '../operations/evaluation/evaluate-objects.js';
import type { RequesterInput } from '../operations/evaluation/requester-input.js';
import { givenPolicySet } from '../operations/evaluation/given-policies.js';
import type { EvaluateFile } from './evaluate-files.js';
import type { PolicyInFile } from './policy-files.js';

/** Evaluates with the policies of files, which everybody may use, by the engine that the server has. */
export function offlineEvaluation(
  policies: readonly PolicyInFile[],
  requester: RequesterInput,
): EvaluateFile {
  const set = givenPolicySet(policies.map(({ given }) => given));
  return async (_file, objects) =>
    reportOf(null, set, objects, await evaluateObjects(set, objects.pods, requester));
}
