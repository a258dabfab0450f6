import {
  type Evaluation,
  type EvaluationRequest,
  evaluate,
  TooManyViolations,
  type Violation,
} from '../../engine/index.js';
import { isList, isObject, type JsonValue } from '../../kubernetes/json-value.js';
import { type InputProblem, PodgateError } from '../../model/errors.js';
import type { EvaluationReport, EvaluationResult } from '../../model/evaluation.js';
import type { PolicyFix } from '../../model/fixes/policy-fix.js';
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

/** Most characters, about, of what is said about one pod: its decision is written in one piece, and read so. */
export const MOST_SAID_OF_POD = 4 * 1024 * 1024;

/** Most characters, about, of what is said in answer to a request: it is held in memory until it is sent. */
export const MOST_SAID = 64 * 1024 * 1024;

/** Most characters, about, of an answer that is kept for its idempotency key: it is stored in one piece. */
export const MOST_KEPT = 16 * 1024 * 1024;

/** What the names of the members take in JSON, about. */
const MEMBERS = 100;

/** Of a name in Kubernetes. */
const LONGEST_NAME = 253;

/** How many values an object has, itself included; of one that is too large at least one more than it may have. */
export function countValues(object: JsonValue): number {
  return MOST_VALUES + 1 - valuesLeft(object, MOST_VALUES + 1);
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

/**
 * What is said about a pod, in characters, about.
 *
 * @throws PodgateError TOO_LARGE where it is more than can be recorded.
 */
export function charactersSaid({ object, candidates, patch }: EvaluationResult): number {
  let left = MOST_SAID_OF_POD;
  for (const { policy, violations } of candidates) {
    left -= MEMBERS + policy.length;
    for (const violation of violations) left -= lengthOf(violation);
    if (left < 0) throw tooMuchSaid(object.name);
  }
  for (const { path, value } of patch) left = charactersLeft(value, left - MEMBERS - path.length);
  if (left < 0) throw tooMuchSaid(object.name);
  return MOST_SAID_OF_POD - left;
}

function lengthOf({ field, message, container, value }: Violation): number {
  const said = field.length + message.length + (container?.length ?? 0);
  return MEMBERS + said + (typeof value === 'string' ? value.length : 0);
}

/** Throws TOO_LARGE where an answer is too long to be kept for an idempotency key. */
export function checkKept({ results }: EvaluationReport): void {
  const said = new Said(MOST_KEPT);
  for (const result of results) {
    said.add(charactersSaid(result));
    for (const fix of result.fixes) said.addFix(fix);
  }
}

/** Counts what is said in answer to a request. */
export class Said {
  #left: number;

  constructor(most = MOST_SAID) {
    this.#left = most;
  }

  /** @throws PodgateError TOO_LARGE where it is more than can be answered. */
  add(characters: number): void {
    this.#left -= characters;
    this.#check();
  }

  /** @throws PodgateError TOO_LARGE where it is more than can be answered. */
  addFix({ patch, choices }: PolicyFix): void {
    for (const operation of patch) {
      const value = operation.op === 'remove' ? null : operation.value;
      this.#left = charactersLeft(value, this.#left - MEMBERS - operation.path.length);
      this.#check();
    }
    for (const { field, pointer, message, allowed } of choices) {
      this.#left = charactersLeft(
        allowed,
        this.#left - MEMBERS - field.length - pointer.length - message.length,
      );
      this.#check();
    }
  }

  #check(): void {
    if (this.#left >= 0) return;
    const message = 'The policies have too much to say about these objects: send fewer at once';
    throw new PodgateError('TOO_LARGE', message);
  }
}

function tooMuchSaid(name: string | undefined): PodgateError {
  return tooLarge('The policies have more to say about one pod than can be recorded', name);
}

function tooLarge(message: string, name = ''): PodgateError {
  const shown = name.slice(0, LONGEST_NAME);
  return new PodgateError('TOO_LARGE', message, {
    problems: [{ message: `${JSON.stringify(shown)} is too large to be evaluated`, value: shown }],
  });
}

/** What is left of a number of values when those of a value are taken away; nothing more is counted below zero. */
function valuesLeft(value: JsonValue, left: number): number {
  let rest = left - 1;
  if (isList(value)) {
    for (const each of value) {
      if (rest < 0) break;
      rest = valuesLeft(each, rest);
    }
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      if (rest < 0) break;
      rest = valuesLeft(value[key] ?? null, rest);
    }
  }
  return rest;
}

/** What is left of a number of characters when those of a value's JSON are taken away, about. */
function charactersLeft(value: JsonValue, left: number): number {
  if (typeof value === 'string') return left - value.length - 3;
  let rest = left - 5;
  if (isList(value)) {
    for (const each of value) {
      if (rest < 0) break;
      rest = charactersLeft(each, rest);
    }
  } else if (isObject(value)) {
    for (const [key, each] of Object.entries(value)) {
      if (rest < 0) break;
      rest = charactersLeft(each, rest - key.length);
    }
  }
  return rest;
}
