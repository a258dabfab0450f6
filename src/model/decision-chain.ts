import { hash } from 'node:crypto';
import type { NewDecision } from './decision.js';
import { encodeDetail, violatedControls } from './decision-detail.js';

/**
 * How a cluster's log is chained, so that nobody can remove, change or reorder a decision unnoticed.
 *
 *     content  = SHA-256 of the decision's members as JSON                          (contentOf)
 *     leaf     = SHA-256 of content ‖ sequence                                      (leafOf)
 *     batch(n) = SHA-256 of cluster id ‖ batch(n-1) ‖ recordedAt ‖ leaves           (batchDigest)
 *
 * Numbers are 8 bytes, big-endian; recordedAt is in milliseconds since 1970; before the first batch there are no bytes.
 * The append computes leaf and batch in SQL, under the lock that gives the sequence (storage/append-decisions.ts).
 */

/** What a decision's digest covers: all of it but its place in the log. */
export type DigestedDecision = Omit<NewDecision, 'clusterId' | 'podContent'>;

/** The digest of what a decision says. `detail` is {@link encodeDetail} of it, where that is at hand already. */
export function contentOf(decision: DigestedDecision, detail: string = encodeDetail(decision)): Buffer {
  const { object, requester, admission } = decision;
  const members = [
    decision.id,
    decision.decidedAt.toISOString(),
    decision.source,
    decision.operation,
    [object.apiVersion, object.kind, object.namespace, object.name, object.podPath],
    decision.podDigest,
    decision.allowed,
    decision.code,
    [decision.policyVersionId, decision.policyName, decision.policyVersion],
    decision.reason,
    violatedControls(decision),
    detail,
    decision.actor,
    [requester.user, requester.groups, requester.serviceAccount, requester.namespace],
    decision.policySetDigest,
    String(decision.generation),
    decision.engineVersion,
    decision.durationMicros,
    // Last and only where there is something, so that decisions keep the digests that they had before there was any.
    ...(admission === null
      ? []
      : [[admission.phase, admission.mode, admission.offline, admission.mutateDecisionId]]),
  ];
  return hash('sha256', JSON.stringify(members), 'buffer');
}

/** The digest of a decision at its place in the log. */
export function leafOf(content: Buffer, sequence: bigint): Buffer {
  return hash('sha256', Buffer.concat([content, int64(sequence)]), 'buffer');
}

/** The digest of a batch, chained to the one before it (empty for the first). */
export function batchDigest(
  clusterId: string,
  previous: Buffer,
  recordedAt: Date,
  leaves: readonly Buffer[],
): Buffer {
  const id = Buffer.from(clusterId.replaceAll('-', ''), 'hex');
  return hash(
    'sha256',
    Buffer.concat([id, previous, int64(BigInt(recordedAt.getTime())), ...leaves]),
    'buffer',
  );
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
