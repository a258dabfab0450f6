import { createHash, hash } from 'node:crypto';
import type { AdmissionSettings } from './admission.js';
import type { AssignmentTerms } from './assignment.js';
import { invalid, type PodgateError } from './errors.js';

/** One policy that is in force in a cluster, in the version that is in force. */
export interface PolicySetMember extends AssignmentTerms {
  readonly policyId: string;
  readonly policyName: string;
  readonly versionId: string;
  readonly version: number;
  /** Digest of the version's content. */
  readonly digest: string;
  /** Canonical JSON of the version. */
  readonly content: string;
}

/** The policies in force in a cluster at a moment, in byte order of their names. */
export interface ClusterPolicySet {
  readonly clusterId: string;
  readonly clusterName: string;
  /** The cluster's generation when the set was read: a decision made with it may be recorded only while it holds. */
  readonly generation: bigint;
  readonly addServiceAccountVolume: boolean;
  readonly admission: AdmissionSettings;
  readonly members: readonly PolicySetMember[];
}

/** A set as it was read. */
export interface DatedPolicySet extends ClusterPolicySet {
  /** Of which moment it is, by the database's clock. */
  readonly at: Date;
}

/** The error for a moment that has not been yet: what will be in force then isn't known. */
export function futureMoment(at: Date): PodgateError {
  const message = 'at must not be in the future';
  return invalid(message, [{ message, pointer: 'at', field: 'at', value: at.toISOString() }]);
}

/**
 * Digest of a policy set over the names, contents, subjects and namespaces; version numbers don't count, so that the
 * same content restored under a new number gives the same digest.
 */
export function policySetDigest(
  members: readonly Pick<PolicySetMember, 'policyName' | 'digest' | 'subjects' | 'namespaces'>[],
): string {
  const digest = createHash('sha256');
  for (const member of members) {
    const subjects = member.subjects?.map(({ kind, name, namespace }) =>
      JSON.stringify([kind, name, namespace ?? '']),
    );
    const terms = [
      member.policyName,
      member.digest,
      subjects?.toSorted(byCodeUnit) ?? null,
      member.namespaces?.toSorted(byCodeUnit) ?? null,
    ];
    digest.update(JSON.stringify(terms)).update('\n');
  }
  return `sha256:${digest.digest('hex')}`;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `sha256:` and the hex digest of a text in UTF-8: how contents are named everywhere. */
export function contentDigest(text: string): string {
  return `sha256:${hash('sha256', text)}`;
}
