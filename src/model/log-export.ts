import type { Checkpoint, CheckpointKind } from './checkpoint.js';
import { parseExactJson } from './exact-json.js';
import type { LogEnd, LoggedBatch, LoggedDecision } from './verify-log.js';

/** What the first line of an export with proof says it is. */
export const LOG_EXPORT_FORMAT = 'podgate decision log 1';

/** A text that is no export with proof. */
export class NotAnExport extends Error {}

/** An export with proof, as far as it was read. */
export interface LogExport {
  readonly cluster: string;
  readonly clusterId: string;
  readonly end: LogEnd;
  readonly checkpoints: readonly Checkpoint[];
  /** What comes after that, line by line. */
  readonly parts: AsyncIterable<LogPart>;
}

/** A line of an export. */
export type LogPart =
  | { readonly kind: 'DECISION'; readonly decision: LoggedDecision }
  | { readonly kind: 'BATCH'; readonly batch: Omit<LoggedBatch, 'decisions'> }
  | { readonly kind: 'UNREADABLE'; readonly line: number };

/** Reads the beginning of an export with proof. Throws {@link NotAnExport}. */
export async function openLogExport(lines: AsyncIterable<string>): Promise<LogExport> {
  const read = readLines(lines);
  const first = await nextOf(read);
  const checkpoints: Checkpoint[] = [];
  let line = await nextOf(read);
  try {
    const { format, cluster, clusterId, end } = stored(first).log;
    if (format !== LOG_EXPORT_FORMAT) throw new NotAnExport();
    if (typeof cluster !== 'string' || typeof clusterId !== 'string') throw new NotAnExport();
    for (; line?.value?.['checkpoint'] !== undefined; line = await nextOf(read)) {
      checkpoints.push(checkpointOf(stored(line).checkpoint, clusterId));
    }
    const { sequence, digest } = end;
    return {
      cluster,
      clusterId,
      end: { sequence: BigInt(sequence), digest: Buffer.from(digest, 'hex') },
      checkpoints,
      parts: partsOf(line, read),
    };
  } catch (cause) {
    throw new NotAnExport("it doesn't begin as an export with proof does", { cause });
  }
}

interface Line {
  readonly number: number;
  /** Undefined where it is no JSON object. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
  /** No other comes after it. */
  readonly last: boolean;
}

async function* readLines(lines: AsyncIterable<string>): AsyncGenerator<Line> {
  let number = 0;
  let held: string | null = null;
  for await (const text of lines) {
    if (held !== null) yield { number, value: objectIn(held), last: false };
    held = text;
    number += 1;
  }
  if (held !== null) yield { number, value: objectIn(held), last: true };
}

function objectIn(text: string): Line['value'] {
  try {
    const value = parseExactJson(text);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object's members are unknown
    return typeof value === 'object' && value !== null ? (value as Line['value']) : undefined;
  } catch {
    return undefined;
  }
}

async function nextOf(lines: AsyncGenerator<Line>): Promise<Line | null> {
  const { done, value } = await lines.next();
  return done === true ? null : value;
}

async function* partsOf(first: Line | null, rest: AsyncGenerator<Line>): AsyncGenerator<LogPart> {
  for (let line = first; line !== null; line = await nextOf(rest)) {
    const part = partOf(line);
    if (part !== null) yield part;
    // The last line may be cut off in its middle: it counts as not there, as what came after it.
    else if (!line.last) yield { kind: 'UNREADABLE', line: line.number };
  }
}

/** The members of lines. What an altered one has instead gives another digest, or none: then it is unreadable. */
interface Stored {
  readonly log: {
    readonly format: string;
    readonly cluster: string;
    readonly clusterId: string;
    readonly end: { readonly sequence: string; readonly digest: string };
  };
  readonly checkpoint: {
    readonly kind: CheckpointKind;
    readonly sequence: string;
    readonly digest: string;
    readonly keyId: string;
    readonly signature: string;
    readonly signedAt: string;
  };
  readonly batch: {
    readonly firstSequence: string;
    readonly lastSequence: string;
    readonly recordedAt: string;
    readonly digest: string;
  };
}

type StoredDecision = Omit<
  LoggedDecision,
  'sequence' | 'decidedAt' | 'recordedAt' | 'policyName' | 'policyVersionId' | 'generation' | 'digest'
> & {
  readonly sequence: string;
  readonly decidedAt: string;
  readonly recordedAt: string;
  readonly policy: string | null;
  readonly proof: {
    readonly policyVersionId: string | null;
    readonly generation: string;
    readonly digest: string;
  };
};

function stored(line: Line | null): Stored {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see Stored
  return line?.value as unknown as Stored;
}

/** Throws where it is none. */
function checkpointOf(given: Stored['checkpoint'], clusterId: string): Checkpoint {
  if (typeof given.keyId !== 'string') throw new TypeError('a key has a text as its id');
  return {
    clusterId,
    kind: given.kind,
    sequence: BigInt(given.sequence),
    digest: Buffer.from(given.digest, 'hex'),
    keyId: given.keyId,
    signature: Buffer.from(given.signature, 'base64'),
    signedAt: momentIn(given.signedAt),
  };
}

function partOf(line: Line): LogPart | null {
  try {
    if (line.value?.['batch'] === undefined) return { kind: 'DECISION', decision: decisionOf(line) };
    const { firstSequence, lastSequence, recordedAt, digest } = stored(line).batch;
    const batch = {
      firstSequence: BigInt(firstSequence),
      lastSequence: BigInt(lastSequence),
      recordedAt: momentIn(recordedAt),
      digest: Buffer.from(digest, 'hex'),
    };
    return { kind: 'BATCH', batch };
  } catch {
    return null;
  }
}

/** Throws where the text tells no moment, as `BigInt` does where it tells no number. */
function momentIn(text: string): Date {
  return new Date(new Date(text).toISOString());
}

function decisionOf(line: Line): LoggedDecision {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see Stored
  const { proof, policy, sequence, decidedAt, recordedAt, ...rest } = line.value as unknown as StoredDecision;
  return {
    ...rest,
    sequence: BigInt(sequence),
    decidedAt: new Date(decidedAt),
    recordedAt: new Date(recordedAt),
    policyName: policy,
    policyVersionId: proof.policyVersionId,
    generation: BigInt(proof.generation),
    digest: Buffer.from(proof.digest, 'hex'),
  };
}
