import { noVersion } from '../../model/errors.js';
import type { Policy, PolicyVersion } from '../../model/policy.js';
import { findPolicyVersion } from '../../storage/policies.js';
import { readOnly, type Tx } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import { findPolicyFor } from './find-policy.js';

/** Reads a policy with its latest version. Throws NOT_FOUND. */
export async function getPolicy(
  context: OperationContext,
  name: string,
): Promise<{ readonly policy: Policy; readonly latest: PolicyVersion }> {
  const tx = readOnly(context.services.database);
  const policy = await findPolicyFor(context, tx, name);
  return { policy, latest: await versionOf(tx, policy, policy.latestVersion) };
}

/** Reads one version of a policy. Throws NOT_FOUND for an unknown policy or number. */
export async function getPolicyVersion(
  context: OperationContext,
  input: { readonly policy: string; readonly version: number },
): Promise<PolicyVersion> {
  const tx = readOnly(context.services.database);
  const policy = await findPolicyFor(context, tx, input.policy);
  return versionOf(tx, policy, input.version);
}

/** The version with this number; throws NOT_FOUND. */
export async function versionOf(tx: Tx, policy: Policy, number: number): Promise<PolicyVersion> {
  // Numbers are the database's integers; nothing beyond exists, and asking for it would be its error.
  const exists = Number.isInteger(number) && number >= 1 && number <= policy.latestVersion;
  const version = exists ? await findPolicyVersion(tx, policy.id, number) : null;
  if (version === null) throw noVersion(policy.name, number);
  return version;
}
