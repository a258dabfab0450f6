import { authorize } from '../../access/authorize.js';
import type { ChangeAction } from '../../model/change.js';
import { invalid, PodgateError } from '../../model/errors.js';
import type { Policy, PolicyVersion, SourceFormat } from '../../model/policy.js';
import { contentDigest } from '../../model/policy-set.js';
import { insertChange } from '../../storage/changes.js';
import { insertPolicyVersion } from '../../storage/policies.js';
import type { Tx } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/** The content of a version about to be published. */
export interface NewContent {
  readonly content: string;
  readonly source: string;
  readonly sourceFormat: SourceFormat;
  readonly message: string | null;
  readonly restoredFrom: number | null;
}

const LONGEST_MESSAGE = 10_000;

/** Lets only those pass who may change policies, with a message that can be kept. Throws FORBIDDEN or INVALID. */
export function checkPublisher(context: OperationContext, message: string | null | undefined): void {
  authorize(context.principal, 'policy:save');
  if (message && message.length > LONGEST_MESSAGE) {
    const text = `message must be at most ${LONGEST_MESSAGE} characters`;
    throw invalid(text, [{ message: text, field: 'message', pointer: 'message' }]);
  }
}

/** Throws POLICY_ARCHIVED where the policy takes nothing new. */
export function requireActive(policy: Policy): void {
  if (policy.archivedAt === null) return;
  throw new PodgateError('POLICY_ARCHIVED', `Policy ${policy.name} is archived: unarchive it first`);
}

/**
 * The latest version that the client believes in, 0 being none yet; or what tells of the latest version why it isn't one
 * of those that the client believes in, null where it is. Null: whatever it is.
 */
export type ExpectedVersion = number | ((latest: number) => string | null) | null;

/** Throws STALE_VERSION where the client has not seen the latest version. */
export function requireVersion(name: string, latest: number, expected: ExpectedVersion): void {
  if (expected === null) return;
  const refusal = typeof expected === 'number' ? unlike(latest, expected) : expected(latest);
  if (refusal === null) return;
  const now = latest === 0 ? 'does not exist yet' : `is at version ${latest}`;
  throw new PodgateError('STALE_VERSION', `Policy ${name} ${now}, ${refusal}`);
}

function unlike(latest: number, expected: number): string | null {
  if (latest === expected) return null;
  return expected === 0 ? 'but should be new' : `not at version ${expected}`;
}

/** Writes the next version of a locked policy and the record of the change. */
export async function publishVersion(
  tx: Tx,
  context: OperationContext,
  policy: Policy,
  next: NewContent,
  action: ChangeAction,
): Promise<{ readonly policy: Policy; readonly version: PolicyVersion }> {
  const { actor } = context.principal;
  const number = policy.latestVersion + 1;
  const digest = contentDigest(next.content);
  const version = await insertPolicyVersion(tx, {
    ...next,
    policyId: policy.id,
    number,
    digest,
    author: actor,
  });
  await insertChange(tx, {
    actor,
    action,
    clusterId: null,
    policyId: policy.id,
    details: { version: number, digest, message: next.message, restoredFrom: next.restoredFrom },
  });
  return { policy: { ...policy, latestVersion: number }, version };
}
