import type { Violation } from '../../engine/index.js';
import type { JsonValue } from '../../kubernetes/json-value.js';
import { weightLeft } from '../../kubernetes/json-weight.js';
import { PodgateError } from '../../model/errors.js';
import type { EvaluationReport, EvaluationResult } from '../../model/evaluation.js';
import type { PolicyFix } from '../../model/fixes/policy-fix.js';
import { tooMuchSaid } from './bounds.js';

/** Most characters, about, of what is said about one pod: its decision is written in one piece, and read so. */
export const MOST_SAID_OF_POD = 2 * 1024 * 1024;

/** Most characters, about, of what is said in answer to a request: it is held in memory until it is sent. */
export const MOST_SAID = 64 * 1024 * 1024;

/** Most characters, about, of an answer that is kept for its idempotency key: it is stored in one piece. */
export const MOST_KEPT = 16 * 1024 * 1024;

/** What the names of the members take in JSON, about. */
const MEMBERS = 100;

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
  for (const { path, value } of patch) left = lengthLeft(value, left - MEMBERS - path.length);
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
      this.#left = lengthLeft(value, this.#left - MEMBERS - operation.path.length);
      this.#check();
    }
    for (const { field, pointer, message, allowed } of choices) {
      this.#left = lengthLeft(allowed, this.#left - MEMBERS - field.length - pointer.length - message.length);
      this.#check();
    }
  }

  #check(): void {
    if (this.#left >= 0) return;
    const message = 'The policies have too much to say about these objects: send fewer at once';
    throw new PodgateError('TOO_LARGE', message);
  }
}

/** What is left of a number of characters when those of a value's JSON are taken away, about. */
function lengthLeft(value: JsonValue, left: number): number {
  return weightLeft(
    value,
    left,
    (part, key) => key.length + (typeof part === 'string' ? part.length + 3 : 5),
  );
}
