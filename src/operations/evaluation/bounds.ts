import { type Evaluation, type EvaluationRequest, evaluate, TooManyViolations } from '../../engine/index.js';
import type { JsonValue } from '../../kubernetes/json-value.js';
import { weightLeft } from '../../kubernetes/json-weight.js';
import { type InputProblem, PodgateError } from '../../model/errors.js';
import type { CompiledSet } from './compiled-set.js';
import type { PodObject } from './read-objects.js';

/**
 * Most values (objects, lists, texts, numbers …) of an object with a pod: some ten thousand containers. It is read,
 * judged and masked in pieces that take as long as it is large.
 */
export const MOST_VALUES = 50_000;

/**
 * Most values of a pod times characters of the policies that judge it: each of their lists may have to be compared with
 * each of its. A pod of 2,000 values, ten times the usual, may meet a thousand policies.
 */
export const MOST_WORK = 1_000_000_000;

/** The same for policies that come with the request: everybody may send them, with lists as long as he likes. */
export const MOST_WORK_GIVEN = 100_000_000;

/** Most violations of a pod by all policies of a cluster, usable or not: held in memory while it is judged. */
export const MOST_VIOLATIONS = 50_000;

/** Of a name in Kubernetes. */
const LONGEST_NAME = 253;

/** How many values an object has, itself included; of one that is too large at least one more than it may have. */
export function countValues(object: JsonValue): number {
  return MOST_VALUES + 1 - weightLeft(object, MOST_VALUES + 1, () => 1);
}

/** What is wrong with an object of so many values; null where it may be evaluated. */
export function sizeProblem(values: number): InputProblem | null {
  if (values <= MOST_VALUES) return null;
  return { message: `must have at most ${MOST_VALUES} values to be evaluated`, pointer: '', type: 'TooLong' };
}

/**
 * Evaluates a pod of so many values where that takes neither too long nor too much memory.
 *
 * @throws PodgateError TOO_LARGE where it would.
 */
export function evaluateWithin(set: CompiledSet, values: number, request: EvaluationRequest): Evaluation {
  if (values > MOST_VALUES) throw tooLarge('The object is too large to be evaluated', request.name);
  checkWork(set, values, request.name, MOST_WORK);
  try {
    return evaluate(set.policies, { ...request, mostViolations: MOST_VIOLATIONS });
  } catch (error) {
    throw error instanceof TooManyViolations ? tooMuchSaid(request.name) : error;
  }
}

/** Throws TOO_LARGE where a pod is too large for the policies that come with it. */
export function checkGiven(set: CompiledSet, { values, object }: Pick<PodObject, 'values' | 'object'>): void {
  checkWork(set, values, object.name, MOST_WORK_GIVEN);
}

function checkWork(set: CompiledSet, values: number, name: string | undefined, most: number): void {
  if (values * set.characters <= most) return;
  throw tooLarge('The policies are too many or too long for a pod of this size', name);
}

/** The error for a pod about which more is said than a decision can hold. */
export function tooMuchSaid(name: string | undefined): PodgateError {
  return tooLarge('The policies have more to say about one pod than can be recorded', name);
}

function tooLarge(message: string, name = ''): PodgateError {
  const shown = name.slice(0, LONGEST_NAME);
  return new PodgateError('TOO_LARGE', message, {
    problems: [{ message: `${JSON.stringify(shown)} is too large to be evaluated`, value: shown }],
  });
}
