import type { AdmissionSettings } from '../../model/admission.js';
import type { Cluster } from '../../model/cluster.js';
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
 * A moment in the future, by the database's clock, can't be told: INVALID.
 */
export async function getPolicySet(
  context: OperationContext,
  input: GetPolicySetInput,
): Promise<PolicySetAt> {
  const tx = readOnly(context.services.database);
  const cluster = await findClusterFor(context, 'policy-set:read', tx, input.cluster);
  const set = await readPolicySet(tx, cluster.id, input.at ?? undefined);
  const { at, members, admission } = set ?? unknownAt(input.at ?? context.services.now());
  return { cluster, at, members, digest: policySetDigest(members), admission };
}

/** The set of a moment before the cluster was known. */
function unknownAt(at: Date): Pick<PolicySetAt, 'at' | 'members' | 'admission'> {
  return { at, members: [], admission: null };
}
