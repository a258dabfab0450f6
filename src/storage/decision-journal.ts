import type { NewDecision } from '../model/decision.js';
import { PodgateError } from '../model/errors.js';
import { checkedLine, readCheckedLine } from './checked-line.js';
import { openJournalFiles } from './journal-files.js';

/** Keeps decisions on local disk while the database is away. */
export interface DecisionJournal {
  /** Keeps a decision; it is on disk when this resolves. Rejects with UNAVAILABLE where it can't be kept. */
  append(decision: NewDecision): Promise<void>;
  /** Whether there is something to be moved. */
  readonly hasDecisions: () => boolean;
  /**
   * Hands out all that is kept, in order and in parts, and forgets each file when `record` has taken all of it; a file
   * with decisions that can't be recorded is kept aside. What is appended meanwhile stays for the next time, and so does
   * the file at which it is told to stop: `record` is handed all of it again then.
   */
  move(record: RecordKept, stop?: AbortSignal): Promise<void>;
  /** Resolves when what was appended is on disk. */
  close(): Promise<void>;
}

/** Records decisions, those that it can, and gives the number of the others: they can never be. Rejects for another try. */
export type RecordKept = (decisions: readonly NewDecision[]) => Promise<number>;

/** Where the journal is, and how much it may hold. */
export interface JournalOptions {
  readonly folder: string;
  /** Bytes in all its files together. */
  readonly limit: number;
  /** Told of a file with lines that can't be read or recorded, which is kept aside. */
  readonly onDamage: (file: string, lines: number) => void;
}

/** Decisions that are handed out at a time. */
const PART = 200;

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Opens the journal, with what an earlier process has left in it. Decisions that wait together are synced together. */
export function openDecisionJournal({ folder, limit, onDamage }: JournalOptions): DecisionJournal {
  const files = openJournalFiles(folder, limit);
  let waiting: Waiting[] = [];
  let writing: Promise<void> | null = null;
  let moving: Promise<void> | null = null;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await files.write(batch.map(({ line }) => line).join(''));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        // What was written of it can't be trusted: the next decisions go to a new file.
        await files.rotate(null);
        for (const { reject } of batch) reject(full(error));
      }
    }
    writing = null;
  }

  async function moveAll(record: RecordKept, stop?: AbortSignal): Promise<void> {
    for (const number of await files.rotate(writing)) {
      const { decisions, damaged: unreadable } = readLines(await files.read(number));
      let damaged = unreadable;
      for (let at = 0; at < decisions.length; at += PART) {
        if (stop?.aborted) return;
        damaged += await record(decisions.slice(at, at + PART));
      }
      if (damaged > 0) onDamage(await files.keepAside(number), damaged);
      else await files.remove(number);
    }
  }

  return {
    append: (decision) =>
      new Promise((resolve, reject) => {
        waiting.push({ line: checkedLine(storedForm(decision)), resolve, reject });
        writing ??= writeAll();
      }),
    hasDecisions: () => !files.isEmpty(),
    move(record, stop) {
      moving ??= moveAll(record, stop).finally(() => {
        moving = null;
      });
      return moving;
    },
    async close() {
      await files.rotate(writing);
    },
  };
}

/** The last line may be cut off: nobody was told that it was kept. */
function readLines(text: string): { readonly decisions: readonly NewDecision[]; readonly damaged: number } {
  const lines = text.split('\n');
  lines.pop();
  const read = lines.map(readCheckedLine);
  const whole = read.filter((each) => each !== undefined);
  // Only append writes such lines, and each has its checksum.
  return { decisions: whole.map((each) => fromStored(each as Stored)), damaged: read.length - whole.length };
}

type Stored = Omit<NewDecision, 'decidedAt' | 'generation'> & { decidedAt: string; generation: string };

function storedForm(decision: NewDecision): Stored {
  return {
    ...decision,
    decidedAt: decision.decidedAt.toISOString(),
    generation: String(decision.generation),
  };
}

function fromStored(stored: Stored): NewDecision {
  return { ...stored, decidedAt: new Date(stored.decidedAt), generation: BigInt(stored.generation) };
}

function full(cause: unknown): PodgateError {
  return new PodgateError('UNAVAILABLE', 'The decision can be recorded neither in the database nor on disk', {
    cause,
    retryAfterSeconds: 1,
  });
}
