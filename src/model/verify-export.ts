import { type Checkpoint, signatureCheck } from './checkpoint.js';
import { type LogExport, openLogExport } from './log-export.js';
import {
  createLogVerifier,
  type LogEnd,
  type LoggedBatch,
  type LoggedDecision,
  type LogProblem,
  type LogVerification,
} from './verify-log.js';
import type { VerifyingKey } from './verifying-key.js';

/** What verifying an export has found. */
export interface ExportVerification extends LogVerification {
  readonly cluster: string;
  /** The last checkpoint: the log had reached its sequence at its time. Null for a log that was empty. */
  readonly lastCheckpoint: Checkpoint | null;
}

/**
 * Verifies an export of a cluster's log line by line, in constant memory, against public keys alone: that it is whole
 * from its beginning, or from what retention had removed, to where it ended when it was exported. What is wrong is
 * data. Throws NotAnExport.
 */
export async function verifyExport(
  lines: AsyncIterable<string>,
  keys: readonly VerifyingKey[],
): Promise<ExportVerification> {
  const log = await openLogExport(lines);
  const verification = await verifyParts(log, signatureCheck(keys));
  const last = lastOf(log.checkpoints);
  const unsigned = verification.valid && (last?.sequence ?? 0n) !== log.end.sequence;
  return {
    ...verification,
    ...(unsigned ? { valid: false, firstProblem: notSigned(log.end) } : {}),
    cluster: log.cluster,
    lastCheckpoint: last,
  };
}

async function verifyParts(
  { clusterId, checkpoints, end, parts }: LogExport,
  checkSignature: (checkpoint: Checkpoint) => string | null,
): Promise<LogVerification> {
  const verifier = createLogVerifier({ clusterId, checkpoints, checkSignature });
  let decisions: LoggedDecision[] = [];
  for await (const part of parts) {
    if (part.kind === 'DECISION') decisions.push(part.decision);
    else if (part.kind === 'UNREADABLE') {
      verifier.stop(unreadable(part.line, verifier.expected() + BigInt(decisions.length)));
      break;
    } else {
      if (!verifier.batch({ ...part.batch, decisions })) break;
      decisions = [];
    }
  }
  if (decisions.length > 0) verifier.batch(withoutEnd(decisions, verifier.expected(), end));
  return verifier.end(end);
}

/** Decisions whose batch was cut off: what is missing is what follows them. */
function withoutEnd(decisions: readonly LoggedDecision[], firstSequence: bigint, end: LogEnd): LoggedBatch {
  const after = firstSequence + BigInt(decisions.length);
  return {
    firstSequence,
    lastSequence: end.sequence > after ? end.sequence : after,
    recordedAt: decisions[0]?.recordedAt ?? new Date(0),
    digest: Buffer.alloc(0),
    decisions,
  };
}

function lastOf(checkpoints: readonly Checkpoint[]): Checkpoint | null {
  return checkpoints.reduce<Checkpoint | null>(
    (last, each) => (last === null || each.sequence > last.sequence ? each : last),
    null,
  );
}

function unreadable(line: number, sequence: bigint): LogProblem {
  const message = `Line ${line}, where the decision at ${sequence} should be, can't be read`;
  return { kind: 'ALTERED', sequence, decisionId: null, message };
}

function notSigned({ sequence }: LogEnd): LogProblem {
  const message = `No checkpoint tells that the log ends at ${sequence}`;
  return { kind: 'CHECKPOINT', sequence, decisionId: null, message };
}
