import { type ErrorCode, type InputProblem, PodgateError } from '../model/errors.js';

/** A {@link PodgateError} as plain data: errors lose their class between threads. */
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
  readonly problems: readonly InputProblem[];
}

/** What a thread answers where it refuses its input. Any other error is thrown on: it is the thread's own. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof PodgateError)) throw error;
  const { code, message, problems } = error;
  return { ok: false, code, message, problems };
}

/** The error that a thread refused its input with. */
export function errorOf({ code, message, problems }: Refusal): PodgateError {
  return new PodgateError(code, message, { problems });
}
