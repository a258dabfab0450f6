import type { AdmissionSettings } from '../../model/admission.js';
import type { Cluster } from '../../model/cluster.js';
import { PodgateError } from '../../model/errors.js';
import { policySetDigest, type PolicySetMember } from '../../model/policy-set.js';
import { readPolicySet } from '../../storage/policy-sets.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import { findClusterFor } from './find-cluster.js';

/** The policies in force in a cluster at a moment. */
export interface PolicySetAt {
  readonly cluster: Cluster;
  readonly at: Date;
  /** In byte order of their names. */
  readonly members: readonly PolicySetMember[];
  readonly digest: string;
  /** How the cluster's API server was answered; null before the cluster was known. */
  readonly admission: AdmissionSettings | null;
}

/** What to read: the set of now, or of the moment `at`. */
export interface GetPolicySetInput {
  readonly cluster: string;
  readonly at?: Date | null;
}

/**
 * Reads which policies, in which versions, were in force; a moment before the cluster was known has an empty set.
 * A moment in the future can't be told: INVALID.
 */
export async function getPolicySet(
  context: OperationContext,
  input: GetPolicySetInput,
): Promise<PolicySetAt> {
  const tx = readOnly(context.services.database);
  const cluster = await findClusterFor(context, 'policy-set:read', tx, input.cluster);
  const now = context.services.now();
  if (input.at) checkPast(input.at, now);
  const set = await readPolicySet(tx, cluster.id, input.at ?? undefined);
  const members = set?.members ?? [];
  const admission = set?.admission ?? null;
  return { cluster, at: input.at ?? now, members, digest: policySetDigest(members), admission };
}

/** Refuses a moment that has not been yet, since what will be in force then isn't known. */
export function checkPast(at: Date, now: Date): void {
  if (at > now) {
    const message = 'at must not be in the future';
    throw new PodgateError('INVALID', message, {
      problems: [{ message, pointer: 'at', field: 'at', value: at.toISOString() }],
    });
  }
}
