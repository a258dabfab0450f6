import type { Checkpoint } from './checkpoint.js';
import { batchDigest, contentOf, type DigestedDecision, leafOf } from './decision-chain.js';

/** A decision as it is found in a log that is verified. */
export interface LoggedDecision extends DigestedDecision {
  readonly sequence: bigint;
  readonly recordedAt: Date;
  /** The digest that was stored with it. */
  readonly digest: Buffer;
}

/** A batch as it is found, with all decisions that are found between its ends, in the order of the log. */
export interface LoggedBatch<D extends LoggedDecision = LoggedDecision> {
  readonly firstSequence: bigint;
  readonly lastSequence: bigint;
  readonly recordedAt: Date;
  readonly digest: Buffer;
  readonly decisions: readonly D[];
}

/** Where a log ends according to whoever keeps it. */
export interface LogEnd {
  readonly sequence: bigint;
  /** Digest of the last batch; empty where there is none. */
  readonly digest: Buffer;
}

/** The first thing that is wrong with a log. */
export interface LogProblem {
  readonly kind: 'MISSING' | 'ALTERED' | 'OUT_OF_ORDER' | 'CHECKPOINT';
  /** Position in the log at which it shows. */
  readonly sequence: bigint;
  /** The decision that is found there, if there is one. */
  readonly decisionId: string | null;
  readonly message: string;
}

/** What verifying a log has found. */
export interface LogVerification {
  readonly valid: boolean;
  /** Decisions that were read and found right. */
  readonly checked: bigint;
  readonly firstProblem: LogProblem | null;
}

/** Checks a log batch by batch; after a problem nothing more is checked. */
export interface LogVerifier {
  /** False as soon as something is wrong. */
  readonly batch: (batch: LoggedBatch) => boolean;
  /** The sequence that has to come next. */
  readonly expected: () => bigint;
  /** Something is wrong that only the reader of the log can see; what was wrong before it counts. */
  readonly stop: (problem: LogProblem) => void;
  readonly end: (end: LogEnd | null) => LogVerification;
}

/** What is known of a log before it is read. */
export interface LogExpectations {
  readonly clusterId: string;
  /** All of the log's checkpoints, in any order. */
  readonly checkpoints: readonly Checkpoint[];
  /** Says what is wrong with a checkpoint's signature, or null. */
  readonly checkSignature: (checkpoint: Checkpoint) => string | null;
}

/** The checkpoint up to which a log was removed; null for one that is whole. */
export function removalOf(checkpoints: readonly Checkpoint[]): Checkpoint | null {
  const removals = checkpoints.filter(({ kind }) => kind === 'REMOVAL');
  return removals.reduce<Checkpoint | null>(
    (last, each) => (last === null || each.sequence > last.sequence ? each : last),
    null,
  );
}

/**
 * Verifies a cluster's log, read from its oldest batch on: that every sequence is there once, that every decision is
 * what it was when it was recorded, that the batches are chained, and that the chain is the one that was signed.
 */
export function createLogVerifier({ clusterId, checkpoints, checkSignature }: LogExpectations): LogVerifier {
  const removal = removalOf(checkpoints);
  const signed = signedEnds(checkpoints, removal?.sequence ?? 0n);
  let expected = (removal?.sequence ?? 0n) + 1n;
  let chain: Buffer = removal?.digest ?? Buffer.alloc(0);
  let checked = 0n;
  let problem: LogProblem | null = badSignature(checkpoints, checkSignature);

  function batch(found: LoggedBatch): boolean {
    problem ??= problemOf(clusterId, found, expected, chain);
    if (problem !== null) {
      const before = found.decisions.filter(({ sequence }) => sequence < (problem?.sequence ?? 0n));
      checked += BigInt(before.length);
      return false;
    }
    checked += BigInt(found.decisions.length);
    expected = found.lastSequence + 1n;
    chain = found.digest;
    problem = signed.problemOf(found);
    return problem === null;
  }

  return {
    batch,
    expected: () => expected,
    stop(found) {
      problem ??= found;
    },
    end(end) {
      const sequence = expected;
      const last = end !== null && end.sequence > signed.last ? end.sequence : signed.last;
      if (problem === null && last >= expected) {
        problem = {
          kind: 'MISSING',
          sequence,
          decisionId: null,
          message: `The log ends before ${sequence}; it had reached ${last}`,
        };
      }
      if (problem === null && end !== null && (end.sequence !== expected - 1n || !end.digest.equals(chain))) {
        problem = {
          kind: 'ALTERED',
          sequence: expected - 1n,
          decisionId: null,
          message: `The record of the log's end does not fit its last batch`,
        };
      }
      return { valid: problem === null, checked, firstProblem: problem };
    },
  };
}

function bySequence(a: Checkpoint, b: Checkpoint): number {
  return a.sequence < b.sequence ? -1 : 1;
}

/** Every checkpoint after what was removed is of the end of a batch: one that lies within shows that the batches are others. */
function signedEnds(checkpoints: readonly Checkpoint[], removedThrough: bigint) {
  const signed = checkpoints.filter(({ sequence }) => sequence > removedThrough).toSorted(bySequence);
  let met = 0;
  return {
    last: signed.at(-1)?.sequence ?? 0n,
    problemOf(found: LoggedBatch): LogProblem | null {
      for (; ; met += 1) {
        const checkpoint = signed[met];
        if (checkpoint === undefined || checkpoint.sequence > found.lastSequence) return null;
        if (checkpoint.sequence < found.lastSequence || !checkpoint.digest.equals(found.digest)) {
          return otherThanSigned(found, checkpoint);
        }
      }
    },
  };
}

function otherThanSigned(
  { firstSequence, lastSequence, decisions }: LoggedBatch,
  by: Checkpoint,
): LogProblem {
  return {
    kind: 'ALTERED',
    sequence: firstSequence,
    decisionId: decisions[0]?.id ?? null,
    message: `The log up to ${lastSequence} is not the one that was signed at ${by.signedAt.toISOString()}`,
  };
}

function badSignature(
  checkpoints: readonly Checkpoint[],
  check: LogExpectations['checkSignature'],
): LogProblem | null {
  for (const checkpoint of checkpoints.toSorted(bySequence)) {
    const wrong = check(checkpoint);
    if (wrong !== null) {
      const { sequence } = checkpoint;
      return {
        kind: 'CHECKPOINT',
        sequence,
        decisionId: null,
        message: `The checkpoint at ${sequence} does not count: ${wrong}`,
      };
    }
  }
  return null;
}

function problemOf(
  clusterId: string,
  batch: LoggedBatch,
  expected: bigint,
  chain: Buffer,
): LogProblem | null {
  if (batch.firstSequence !== expected) {
    return batch.firstSequence > expected
      ? {
          kind: 'MISSING',
          sequence: expected,
          decisionId: null,
          message: `No batch of the log covers ${expected}`,
        }
      : outOfOrder(
          batch.firstSequence,
          null,
          `A batch begins at ${batch.firstSequence}, where ${expected} should follow`,
        );
  }
  const leaves: Buffer[] = [];
  for (const decision of batch.decisions) {
    const wrong = problemOfDecision(decision, expected + BigInt(leaves.length), batch);
    if (wrong !== null) return wrong;
    leaves.push(decision.digest);
  }
  const next = expected + BigInt(leaves.length);
  if (next !== batch.lastSequence + 1n) return missing(next);
  if (!batchDigest(clusterId, chain, batch.recordedAt, leaves).equals(batch.digest)) {
    return {
      kind: 'ALTERED',
      sequence: expected,
      decisionId: batch.decisions[0]?.id ?? null,
      message: `The batch from ${expected} to ${batch.lastSequence} is not what was recorded after the batch before it`,
    };
  }
  return null;
}

function problemOfDecision(
  decision: LoggedDecision,
  expected: bigint,
  batch: LoggedBatch,
): LogProblem | null {
  const { sequence, id, digest } = decision;
  if (sequence > expected) {
    // An export is read in the order of its lines, the database in that of the sequences.
    const moved = sequence > batch.lastSequence || batch.decisions.some((each) => each.sequence === expected);
    if (!moved) return missing(expected);
    return outOfOrder(expected, id, `The decision at ${sequence} stands where ${expected} should`);
  }
  if (sequence < expected) return outOfOrder(sequence, id, `There are two decisions at ${sequence}`);
  const content = contentIn(decision);
  if (content === null) return altered(decision, `The decision at ${sequence} is none: it lacks members`);
  if (leafOf(content, sequence).equals(digest)) {
    return decision.recordedAt.getTime() === batch.recordedAt.getTime()
      ? null
      : altered(decision, `The decision at ${sequence} was not recorded with its batch`);
  }
  const recorded = placeOf(content, digest, batch);
  return recorded === null
    ? altered(decision, `The decision at ${sequence} is not what was recorded`)
    : outOfOrder(sequence, id, `The decision at ${sequence} was recorded at ${recorded}`);
}

/** What is read from elsewhere may be anything. */
function contentIn(decision: LoggedDecision): Buffer | null {
  try {
    return contentOf(decision);
  } catch {
    return null;
  }
}

/** How far from its place a decision that was moved is looked for. */
const NEIGHBOURHOOD = 10_000n;

/** The sequence with which a decision was recorded, if it is near. */
function placeOf(content: Buffer, digest: Buffer, batch: LoggedBatch): bigint | null {
  const { firstSequence, decisions } = batch;
  const from = firstSequence > NEIGHBOURHOOD ? firstSequence - NEIGHBOURHOOD : 1n;
  // Not the batch's own end, which may be made up: the search would have none.
  const to = firstSequence + BigInt(decisions.length) + NEIGHBOURHOOD;
  for (let place = from; place <= to; place += 1n) {
    if (leafOf(content, place).equals(digest)) return place;
  }
  return null;
}

function missing(sequence: bigint): LogProblem {
  return { kind: 'MISSING', sequence, decisionId: null, message: `The decision at ${sequence} is missing` };
}

function altered({ sequence, id }: LoggedDecision, message: string): LogProblem {
  return { kind: 'ALTERED', sequence, decisionId: id, message };
}

function outOfOrder(sequence: bigint, decisionId: string | null, message: string): LogProblem {
  return { kind: 'OUT_OF_ORDER', sequence, decisionId, message };
}
