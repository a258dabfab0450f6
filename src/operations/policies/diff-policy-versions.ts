import type { PolicyDiff } from '../../model/policy-diff/policy-diff.js';
import { PodgateError } from '../../model/errors.js';
import type { Policy, PolicyVersion } from '../../model/policy.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import { findPolicyFor } from './find-policy.js';
import { versionOf } from './get-policy.js';

/** Two versions of a policy, the second compared with the first. */
export interface DiffPolicyVersionsInput {
  readonly policy: string;
  /** The older version; `null`: the one before `to`, or the latest where `to` is of another policy. */
  readonly from: number | null;
  /** The newer version; `null`: the latest. */
  readonly to: number | null;
  /** The policy that `to` is a version of; absent: the same. */
  readonly otherPolicy?: string | null;
}

/** The difference in meaning of two versions, by their numbers. */
export interface PolicyVersionsDiff extends PolicyDiff {
  readonly from: number;
  readonly to: number;
}

/**
 * Compares two versions of a policy, or of two policies, by the pods that they admit. Throws NOT_FOUND for policies
 * and versions that aren't there, the version before the first included.
 */
export async function diffPolicyVersions(
  context: OperationContext,
  input: DiffPolicyVersionsInput,
): Promise<PolicyVersionsDiff> {
  const tx = readOnly(context.services.database);
  const policy = await findPolicyFor(context, tx, input.policy);
  const other =
    (input.otherPolicy ?? null) === null ? policy : await findPolicyFor(context, tx, input.otherPolicy ?? '');
  const to = input.to ?? other.latestVersion;
  const from = input.from ?? (other.id === policy.id ? to - 1 : policy.latestVersion);
  if (input.from === null && from === 0) throw noEarlierVersion(policy);
  return diffVersions(context, await versionOf(tx, policy, from), await versionOf(tx, other, to));
}

function noEarlierVersion({ name }: Policy): PodgateError {
  const message = `Policy ${JSON.stringify(name)} has no version before version 1 that could be compared with it`;
  return new PodgateError('NOT_FOUND', message);
}

/** Compares two versions that were read already. */
export async function diffVersions(
  context: OperationContext,
  from: PolicyVersion,
  to: PolicyVersion,
): Promise<PolicyVersionsDiff> {
  const diff = await context.services.runPolicyTask('diff', from.content, to.content);
  return { from: from.number, to: to.number, ...diff };
}
