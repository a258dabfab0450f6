import type { JsonValue } from './json-value.js';

/** One thing that is wrong with an input, and where; what is known of the place is given, the rest left out. */
export interface InputProblem {
  readonly message: string;
  /** JSON Pointer (RFC 6901) into the submitted value: for YAML and arrays, into the document. */
  readonly pointer?: string;
  /** Line in the whole body, from 1. */
  readonly line?: number;
  /** Column in that line, from 1, in UTF-16 code units. */
  readonly column?: number;
  /** Kubernetes' error type: Invalid, Required … */
  readonly type?: string;
  /** Kubernetes' field path, such as `spec.containers[0].image`. */
  readonly field?: string;
  readonly value?: JsonValue;
}

/** Why an input was refused: it can't be read (400), it is read but not valid (422), it is too much (413). */
export type RefusalCode = 'MALFORMED' | 'INVALID' | 'TOO_LARGE';

/** A refusal with every problem found. */
export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly problems: readonly InputProblem[];
}

/** Thrown inside the readers of this folder to leave a deep recursion, and always caught by them. */
export class InputFailure extends Error {
  readonly code: RefusalCode;
  /** Offset of the place in the source text, in UTF-16 code units. */
  readonly offset: number;

  constructor(code: RefusalCode, message: string, offset: number) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}
