import { invalid, PodgateError } from '../model/errors.js';
import type { OperationContext } from '../operations/context.js';
import { getPolicy } from '../operations/policies/get-policy.js';
import type { HeaderParameter } from './route.js';

/** The headers with which a client says what it believes to be the latest version (RFC 9110, 13.1). */
export const PRECONDITION_HEADERS: Readonly<Record<string, HeaderParameter>> = {
  'If-Match': {
    description:
      'The `ETag` of the version that the client has seen as the latest, or `*`: the policy must exist.',
    example: '"3"',
  },
  'If-None-Match': { description: '`*`: the policy must not exist yet.', example: '*' },
};

/** A policy that doesn't exist yet counts as one at this version. */
const NOT_YET = 0;

/**
 * The version at which the policy must be for the request to be carried out; null: whatever it is. Throws INVALID for
 * headers that say anything but one version, STALE_VERSION where `*` is not fulfilled.
 */
export async function expectedVersion(
  context: OperationContext,
  policy: string,
  header: (name: string) => string | undefined,
): Promise<number | null> {
  const match = header('If-Match');
  const noneMatch = header('If-None-Match');
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== '*' || match !== undefined)
      throw unusable('If-None-Match', 'must be * and stand alone');
    return NOT_YET;
  }
  if (match === undefined) return null;
  if (match.trim() === '*') {
    await requireExisting(context, policy);
    return null;
  }
  const number = /^\s*"([1-9]\d{0,8})"\s*$/.exec(match)?.[1];
  if (number === undefined) throw unusable('If-Match', 'must be one version in quotes, such as "3", or *');
  return Number(number);
}

/** Policies are never removed, so that one that exists now exists when the request is carried out. */
async function requireExisting(context: OperationContext, policy: string): Promise<void> {
  try {
    await getPolicy(context, policy);
  } catch (error) {
    if (!(error instanceof PodgateError) || error.code !== 'NOT_FOUND') throw error;
    throw new PodgateError('STALE_VERSION', `Policy ${policy} does not exist yet`, { cause: error });
  }
}

function unusable(name: string, rule: string): PodgateError {
  const message = `${name} ${rule}`;
  return invalid(message, [{ message, pointer: name, field: name }]);
}
