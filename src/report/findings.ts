import { CONTROLS, type ControlName, formatFieldError, type Violation } from '../engine/index.js';
import type { DecisionCandidate } from '../model/decision.js';
import type { InputProblem } from '../model/errors.js';
import type { EvaluatedObject, EvaluationResult } from '../model/evaluation.js';
import type { EvaluatedFile, EvaluatedRun, Place } from './evaluated-file.js';

/** One violation of a denied pod under one policy, with its place in the file. */
export interface Finding {
  readonly file: string;
  readonly result: EvaluationResult;
  readonly candidate: DecisionCandidate;
  readonly violation: Violation;
  readonly place: Place;
}

/** Every violation of the denied pods of a file; admitted pods have none, whatever other policies said to them. */
export function* findingsOf({ file, report, locate }: EvaluatedFile): Generator<Finding> {
  for (const result of report.results) {
    if (result.allowed) continue;
    for (const candidate of result.candidates) {
      for (const violation of candidate.violations) {
        yield { file, result, candidate, violation, place: locate(result.object, violation) };
      }
    }
  }
}

/** Whether a pod was denied although no policy objects to it: none may be used, none is assigned, none works. */
export function isDeniedSilently(result: EvaluationResult): boolean {
  return !result.allowed && result.candidates.every(({ violations }) => violations.length === 0);
}

/** True when nothing was denied; what could not be read doesn't count. */
export function isAllowed(run: EvaluatedRun): boolean {
  return run.evaluated.every(({ report }) => report.allowed);
}

const HELP: ReadonlyMap<ControlName, string> = new Map(CONTROLS.map(({ name, help }) => [name, help]));

/** How to make a control agree; undefined for a control that only a newer server knows. */
export function howToFix(control: ControlName): string | undefined {
  return HELP.get(control);
}

/** `Deployment default/web`; an object without a name goes by its number in the file. */
export function objectLabel({ kind, namespace, name, document, item }: EvaluatedObject): string {
  const number = item === null ? `document ${document + 1}` : `document ${document + 1}, item ${item + 1}`;
  return `${kind} ${namespace}/${name === '' ? `(${number})` : name}`;
}

/** `restricted v4`, or the name alone where policies have no versions. */
export function policyLabel({ name, version }: { name: string; version: number | null }): string {
  return version === null ? name : `${name} v${version}`;
}

/** What a violation says, as Kubernetes prints it: `spec.hostPID: Invalid value: true: Host PID is not allowed …`. */
export function violationText(violation: Violation): string {
  return formatFieldError(violation).trim();
}

/** Why a policy took no part in a decision; null for one that did. */
export function whyNotUsable({ outcome, unusable }: DecisionCandidate): string | null {
  if (outcome !== 'NOT_USABLE') return null;
  return unusable === undefined ? 'may not be used by the pod or the user' : `can not work: ${unusable}`;
}

/** `line 3, column 5: ` where the place of a problem is known. */
export function problemText({ message, line, column, pointer }: InputProblem): string {
  const at = line === undefined ? '' : `line ${line}${column === undefined ? '' : `, column ${column}`}: `;
  return `${at}${pointer ? `${pointer}: ` : ''}${message}`;
}
