import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { NewDecision } from '../model/decision.js';
import { PodgateError } from '../model/errors.js';
import {
  type AppendRequest,
  type AppendResult,
  type AppendTie,
  appendDecisions,
} from './append-decisions.js';
import { appendInParts } from './append-in-parts.js';
import { createAppendQueue, type Waiting } from './append-queue.js';
import type { Database } from './database.js';
import { translateError } from './errors.js';
import { openPool, POOL_LIMITS } from './pool.js';

/** Makes decisions durable; those of concurrent requests in one commit. */
export interface DecisionLog {
  /**
   * Appends the decisions of one request, all or none; durable when it resolves, and so is what it does with ties.
   * GENERATION_MOVED: they were made with a policy set that is no longer in force, TIE_GONE: the tie isn't there any
   * more; none was recorded.
   *
   * @throws PodgateError TOO_MANY_REQUESTS where the queue is full (nothing is recorded), UNAVAILABLE where the
   * database can't be reached: they may then have been recorded, but nobody was told that they were.
   */
  append(
    clusterId: string,
    generation: bigint,
    decisions: readonly NewDecision[],
    tie?: AppendTie,
  ): Promise<AppendResult>;
  /** Resolves when everything that was taken is answered; what comes later is refused. */
  close(): Promise<void>;
}

/** How much is taken, and how long is waited. */
export interface DecisionLogLimits {
  /** Decisions that may wait to be written. */
  readonly waiting: number;
  /** Decisions in one commit; a single request may have more. */
  readonly perCommit: number;
  /** Milliseconds from a commit's beginning in which it is looked into where its outcome is unknown. */
  readonly patienceMs: number;
  /** Milliseconds that a request may wait to be sent. */
  readonly unsentMs: number;
}

const LIMITS = { waiting: 10_000, perCommit: 500, patienceMs: 5_000 };
/** Commits at a time. Those of one cluster come one after the other, so two are for different clusters. */
const WRITERS = 2;
/** After this many milliseconds the connection counts as broken. */
const LONGEST_COMMIT_MS = 10_000;
/** The statement is the same every time: planning it anew would take longer than running it. */
const PLAN_ONCE = 'SET plan_cache_mode = force_generic_plan; SET jit = off';
const RETRY_AFTER_SECONDS = 1;
const FIRST_PAUSE_MS = 50;

/**
 * Opens the log with connections of its own, so that readers can't hold it up.
 *
 * There is no timer: a free writer takes all that waits. Under load the next commit is filled while the last one is
 * made durable, and when idle a request is written at once.
 */
export function openDecisionLog(database: Database, limits: Partial<DecisionLogLimits> = {}): DecisionLog {
  const usual = { ...LIMITS, unsentMs: database.limits.silence ?? POOL_LIMITS.silence };
  const { waiting: mostWaiting, perCommit, patienceMs, unsentMs } = { ...usual, ...limits };
  const pool = openPool(database.url, WRITERS, {
    queryTimeoutMs: LONGEST_COMMIT_MS,
    prelude: PLAN_ONCE,
    limits: database.limits,
  });
  const queue = createAppendQueue(perCommit);
  const writers = new Set<Promise<void>>();
  let closed = false;
  let started = false;

  function start(): void {
    started = false;
    while (writers.size < WRITERS) {
      const taken = queue.take();
      if (taken === null) return;
      const writing = writeAll(pool, taken.batch, patienceMs).finally(() => {
        taken.release();
        writers.delete(writing);
        start();
      });
      writers.add(writing);
    }
  }

  return {
    append(clusterId, generation, decisions, tie) {
      if (closed) return Promise.reject(unavailable('Podgate is stopping'));
      const waiting = queue.decisions();
      if (waiting > 0 && waiting + decisions.length > mostWaiting) return Promise.reject(queueFull());
      const { promise, resolve, reject } = withResolvers<AppendResult>();
      const giveUp = () => {
        added.isGivenUp = true;
        queue.remove(added);
        reject(unavailable('The database does not answer in time'));
      };
      const patience = setTimeout(giveUp, unsentMs);
      const request = { clusterId, generation, decisions, tie };
      const added = { ...request, resolve, reject, patience, isGivenUp: false };
      queue.add(added);
      if (!started) {
        // Requests that arrived together are taken together: they are all handled before the next setImmediate.
        started = true;
        setImmediate(start);
      }
      return promise;
    },
    async close() {
      closed = true;
      while (queue.decisions() > 0 || writers.size > 0) await Promise.race([...writers, sleep(1)]);
      await pool.end();
    },
  };
}

/** Writes a batch and answers every request in it that isn't given up before; never rejects. */
async function writeAll(pool: pg.Pool, batch: readonly Waiting[], patienceMs: number): Promise<void> {
  const began = Date.now();
  let sent = batch;
  try {
    const connection = await pool.connect();
    sent = batch.filter(({ isGivenUp }) => !isGivenUp);
    for (const { patience } of sent) clearTimeout(patience);
    const answers = await writeOnce(connection, sent);
    for (const [index, waiting] of sent.entries()) answer(waiting, answers[index]);
  } catch (error) {
    if (error instanceof OutcomeUnknown) await settle(pool, sent, began + patienceMs, error);
    else if (sent.length > 1 && !isUnavailable(error)) {
      // One of them can't be stored; the others must not suffer from it.
      for (const waiting of sent) await writeAll(pool, [waiting], patienceMs);
    } else for (const waiting of sent) refuse(waiting, translateError(error));
  }
}

function refuse({ patience, reject }: Waiting, error: unknown): void {
  clearTimeout(patience);
  reject(error);
}

/** The connection broke after the statement was sent: it may have been committed, and may still be. */
class OutcomeUnknown extends Error {}

/** Sends the decisions once and gives the connection back. Throws OutcomeUnknown, or an error after which nothing was recorded. */
async function writeOnce(
  connection: pg.PoolClient,
  batch: readonly AppendRequest[],
): Promise<readonly AppendResult[]> {
  let broken = false;
  try {
    const [request, ...others] = batch;
    if (request === undefined) return [];
    if (others.length > 0) return await appendDecisions(connection, batch);
    return [await appendInParts(connection, request)];
  } catch (error) {
    // The server's refusals have an SQLSTATE; classes 08 and 57 are about the connection, not the statement.
    const sqlState =
      error instanceof Error && 'severity' in error && 'code' in error ? String(error.code) : null;
    broken = sqlState === null || /^(08|57)/.test(sqlState);
    throw broken ? new OutcomeUnknown('the connection broke', { cause: error }) : error;
  } finally {
    connection.release(broken);
  }
}

/**
 * Finds out what became of a batch whose connection broke, by writing it again with the same ids. That is safe also
 * while the server still works on the first try: the ids are the primary key, so that only one of the two can be
 * committed; and the generation can't have moved under a first try that is committed later.
 */
async function settle(
  pool: pg.Pool,
  batch: readonly Waiting[],
  deadline: number,
  cause: OutcomeUnknown,
): Promise<void> {
  let open = batch;
  for (
    let pause = FIRST_PAUSE_MS;
    open.length > 0 && Date.now() < deadline;
    pause = Math.min(pause * 2, 500)
  ) {
    try {
      open = await answerRecorded(pool, open);
      if (open.length === 0) return;
      const results = await writeOnce(await pool.connect(), open);
      const resultOf = new Map(open.map((waiting, index) => [waiting, results[index]]));
      const refused = open.filter((waiting) => resultOf.get(waiting)?.recorded === false);
      for (const waiting of open) if (!refused.includes(waiting)) answer(waiting, resultOf.get(waiting));
      open = refused;
      open = await answerRecorded(pool, refused);
      for (const waiting of open) answer(waiting, resultOf.get(waiting));
      return;
    } catch {
      await sleep(pause); // away still, or the first try came through after all: look again
    }
  }
  for (const waiting of open) waiting.reject(unavailable('The database can not be reached', cause));
}

/** Answers those that are recorded and gives back the others. */
async function answerRecorded(pool: pg.Pool, batch: readonly Waiting[]): Promise<readonly Waiting[]> {
  const { rows } = await pool.query<{ id: string; sequence: string }>(
    'SELECT id, sequence FROM decisions WHERE id = ANY($1::uuid[])',
    [batch.map(({ decisions }) => decisions.at(-1)?.id)],
  );
  const sequences = new Map(rows.map((row) => [row.id, BigInt(row.sequence)]));
  return batch.filter((waiting) => {
    const lastSequence = sequences.get(waiting.decisions.at(-1)?.id ?? '');
    if (lastSequence !== undefined) waiting.resolve({ recorded: true, lastSequence });
    return lastSequence === undefined;
  });
}

function answer(waiting: Waiting, result: AppendResult | undefined): void {
  if (result === undefined) waiting.reject(new Error('every request of a batch has its result'));
  else waiting.resolve(result);
}

function isUnavailable(error: unknown): boolean {
  const translated = translateError(error);
  return translated instanceof PodgateError && translated.code === 'UNAVAILABLE';
}

function queueFull(): PodgateError {
  return new PodgateError('TOO_MANY_REQUESTS', 'Too many decisions wait to be recorded: try again', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

function unavailable(message: string, cause?: unknown): PodgateError {
  return new PodgateError('UNAVAILABLE', message, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
