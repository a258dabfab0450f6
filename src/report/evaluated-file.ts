import type { JsonValue } from '../engine/index.js';
import type { InputProblem } from '../model/errors.js';
import type { EvaluatedObject, EvaluationReport } from '../model/evaluation.js';
import type { SuggestEdits } from './text-edits.js';

/** A place in a file: both count from 1, columns in UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The field that a violation speaks of. */
interface OffendingField {
  /** The path that Kubernetes reports. */
  readonly field: string;
  readonly value: JsonValue;
}

/**
 * Where a field stands in the submitted file: the field itself, else its nearest parent that is there; without a
 * field, the object's name.
 */
export type Locate = (object: EvaluatedObject, offending: OffendingField | null) => Place;

/** A file whose pods were evaluated. */
export interface EvaluatedFile {
  /** The name that reports show. */
  readonly file: string;
  readonly report: EvaluationReport;
  readonly locate: Locate;
  readonly suggest: SuggestEdits;
}

/** A file that could not be evaluated, and why. */
export interface UnreadableFile {
  readonly file: string;
  readonly message: string;
  /** Each thing that is wrong; empty where the message says it all. */
  readonly problems: readonly InputProblem[];
}

/** What a report is made of: every file of a run, in the order in which they were given. */
export interface EvaluatedRun {
  readonly evaluated: readonly EvaluatedFile[];
  readonly unreadable: readonly UnreadableFile[];
}
