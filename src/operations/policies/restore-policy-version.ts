import { notFound } from '../../model/errors.js';
import type { Policy, PolicyVersion } from '../../model/policy.js';
import { lockPolicy } from '../../storage/policies.js';
import { inTransaction } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import { versionOf } from './get-policy.js';
import {
  checkPublisher,
  type ExpectedVersion,
  publishVersion,
  requireActive,
  requireVersion,
} from './publish-version.js';

/** Which earlier version becomes the content of a new one. */
export interface RestorePolicyVersionInput {
  readonly policy: string;
  /** The version whose content is wanted back. */
  readonly version: number;
  readonly message?: string | null;
  readonly expectedVersion?: ExpectedVersion;
}

/**
 * Brings the content of an earlier version back as a new version that says where it comes from. Restoring makes a new
 * version even of the latest content: asking for it is an event of its own. Throws NOT_FOUND, POLICY_ARCHIVED or
 * STALE_VERSION.
 */
export async function restorePolicyVersion(
  context: OperationContext,
  input: RestorePolicyVersionInput,
): Promise<{ readonly policy: Policy; readonly version: PolicyVersion }> {
  checkPublisher(context, input.message);
  return inTransaction(context.services.database, async (tx) => {
    const policy = await lockPolicy(tx, input.policy);
    if (policy === null) throw notFound('Policy', input.policy);
    requireVersion(policy.name, policy.latestVersion, input.expectedVersion ?? null);
    requireActive(policy);
    const { content, source, sourceFormat } = await versionOf(tx, policy, input.version);
    const message = input.message ?? null;
    const next = { content, source, sourceFormat, message, restoredFrom: input.version };
    return publishVersion(tx, context, policy, next, 'POLICY_VERSION_RESTORED');
  });
}
