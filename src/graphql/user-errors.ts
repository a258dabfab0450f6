import type { UserError, UserErrorCode } from '../generated/graphql/types.js';
import { type ErrorCode, type InputProblem, PodgateError } from '../model/errors.js';
import type { GraphqlContext } from './context.js';

/** The failures that a client can mend by sending something else; all others are errors of the whole answer. */
const USER_ERRORS: Readonly<Record<UserErrorCode, true>> = {
  MALFORMED: true,
  INVALID: true,
  NOT_FOUND: true,
  CONFLICT: true,
  POLICY_ARCHIVED: true,
  STALE_VERSION: true,
  TOO_LARGE: true,
};

/** The member of the input that an error without a place of its own is about. */
const MEMBER_OF_CODE: Partial<Record<UserErrorCode, string>> = { STALE_VERSION: 'expectedVersion' };

/** What every payload has: null or empty results beside what was wrong. */
export interface Failed {
  readonly userErrors: readonly UserError[];
}

/**
 * Runs a mutation: its result with no user errors, or no result with every problem as a user error of its own.
 * Throws on what the client can't mend.
 *
 * @param manifestMember the member of the input that holds a text of its own, into which JSON pointers point
 */
export async function withUserErrors<Result extends object>(
  context: GraphqlContext,
  run: () => Promise<Result>,
  manifestMember?: string,
): Promise<(Result & Failed) | Failed> {
  try {
    const result = await run();
    context.forgetReads();
    return { ...result, userErrors: [] };
  } catch (error) {
    if (!(error instanceof PodgateError) || !isUserErrorCode(error.code)) throw error;
    return { userErrors: userErrorsOf(error, error.code, manifestMember) };
  }
}

function isUserErrorCode(code: ErrorCode): code is ErrorCode & UserErrorCode {
  return Object.hasOwn(USER_ERRORS, code);
}

/** One user error for each problem, at least one. */
function userErrorsOf(
  { message, problems }: PodgateError,
  code: UserErrorCode,
  manifestMember?: string,
): readonly UserError[] {
  if (problems.length > 0) return problems.map((problem) => userError(code, problem, manifestMember));
  const member = MEMBER_OF_CODE[code];
  return [{ code, message, field: member === undefined ? null : ['input', member] }];
}

function userError(code: UserErrorCode, problem: InputProblem, manifestMember?: string): UserError {
  const { message, pointer, line = null, column = null, type = null } = problem;
  const isPointer = pointer === undefined || pointer === '' || pointer.startsWith('/');
  if (isPointer && manifestMember !== undefined) {
    const field = ['input', manifestMember];
    const kubernetesField = problem.field ?? null;
    return { code, message, field, pointer: pointer ?? null, line, column, type, kubernetesField };
  }
  return { code, message, field: fieldOf(pointer), type };
}

/** The path of an argument from a JSON Pointer into the input or the bare name of a member. */
function fieldOf(pointer: string | undefined): readonly string[] | null {
  if (pointer === undefined) return null;
  if (!pointer.startsWith('/')) return pointer === '' ? ['input'] : ['input', pointer];
  const tokens = pointer.slice(1).split('/');
  return ['input', ...tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))];
}
