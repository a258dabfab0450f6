import { setTimeout as sleep } from 'node:timers/promises';
import { PodgateError } from '../../model/errors.js';
import type { EvaluationReport } from '../../model/evaluation.js';
import { findDecision } from '../../storage/decisions.js';
import {
  type HeldKey,
  type IdempotencyKey,
  keepIdempotentResult,
  type KnownRequest,
  releaseIdempotencyKey,
  removeOldIdempotencyKeys,
  takeIdempotencyKey,
} from '../../storage/idempotency.js';
import { readOnly, type Tx } from '../../storage/transaction.js';
import { authorizeInCluster } from '../access/authorize-in-cluster.js';
import type { OperationContext, Services } from '../context.js';
import { checkKept } from './said.js';
import { type EvaluateManifestsInput, evaluateManifests } from './evaluate-manifests.js';
import { readReport, reportText } from './kept-report.js';

/** What tells a request that may be sent again from others. */
export interface RepeatableRequest {
  /** The client's own name for the request. */
  readonly key: string;
  readonly path: string;
  /** The same for the same body and query. */
  readonly fingerprint: string;
}

/** The answer, and whether it is the one to an earlier request. */
export interface OnceReport {
  readonly report: EvaluationReport;
  readonly isRepeated: boolean;
}

/** How long is waited for what, in milliseconds. */
export interface OnceLimits {
  /** After how long a request that gave no sign of life and has no answer yet counts as one that died with its process. */
  readonly abandoned: number;
  /** For how long a second request waits for the answer to the first one. */
  readonly patience: number;
}

const LIMITS: OnceLimits = { abandoned: 30_000, patience: 20_000 };
/** How often a second request looks for the answer to the first one. */
const PAUSE = 50;
/** For how long a key is remembered. */
const REMEMBERED = 24 * 3_600_000;

/**
 * Evaluates manifests as {@link evaluateManifests} does, but once per key: the same request again gives the first
 * answer and records nothing, also when the two arrive together or the process died in between. Requests that failed
 * are not remembered. Throws IDEMPOTENCY_KEY_REUSED for another request under the same key, CONFLICT where the first
 * one takes too long, to the one that waits for it, or to itself where another was taken for its successor meanwhile;
 * TOO_LARGE also where the answer is too long to be kept.
 *
 * The answer is kept before its decisions are recorded, and counts once they are: so there is no moment at which a
 * crash could lose an answer whose decisions are in the log. Only who still holds the key keeps an answer, and holds it
 * for as long again: so one that was only slow, not dead, records nothing beside its successor.
 */
export async function evaluateOnce(
  context: OperationContext,
  { key, path, fingerprint }: RepeatableRequest,
  input: EvaluateManifestsInput,
  limits: Partial<OnceLimits> = {},
): Promise<OnceReport> {
  const { abandoned, patience } = { ...LIMITS, ...limits };
  const { principal, services } = context;
  const simulated = input.dryRun || input.at !== null;
  authorizeInCluster(context, simulated ? 'pod:simulate' : 'pod:evaluate', input.cluster);
  const tx = readOnly(services.database);
  const owned: IdempotencyKey = { actor: principal.tokenId ?? principal.actor, path, key };
  const patienceEnds = performance.now() + patience;
  for (;;) {
    const taken = await takeIdempotencyKey(tx, owned, fingerprint, REMEMBERED);
    if ('held' in taken) {
      return { report: await evaluateFirst(context, tx, taken.held, input), isRepeated: false };
    }
    const { known } = taken;
    if (known.requestHash !== fingerprint) throw reused();
    const report = await answerOf(tx, known);
    if (report !== null) return { report, isRepeated: true };
    if (known.age > abandoned) await releaseIdempotencyKey(tx, known.held);
    else if (performance.now() > patienceEnds) throw stillWorking();
    else await sleep(PAUSE);
  }
}

/** Removes the answers whose keys are remembered no more, some at a time until it is told to stop. */
export async function forgetAnswers(
  { database }: Pick<Services, 'database'>,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted && (await removeOldIdempotencyKeys(readOnly(database), REMEMBERED)));
}

async function evaluateFirst(
  context: OperationContext,
  tx: Tx,
  taken: HeldKey,
  input: EvaluateManifestsInput,
): Promise<EvaluationReport> {
  let held = taken;
  try {
    return await evaluateManifests(context, input, async (report) => {
      checkKept(report);
      const kept = await keepIdempotentResult(tx, held, await reportText(report));
      if (kept === null) throw overtaken();
      held = kept;
    });
  } catch (error) {
    // Where the database went away it isn't known whether the decisions were recorded: then the key stays.
    const isUnknown = error instanceof PodgateError && error.code === 'UNAVAILABLE';
    if (!isUnknown) await releaseIdempotencyKey(tx, held);
    throw error;
  }
}

/** The kept answer, once its decisions are in the log; they are recorded all or none, so one tells for all. */
async function answerOf(tx: Tx, { result }: KnownRequest): Promise<EvaluationReport | null> {
  if (result === null) return null;
  const report = await readReport(result);
  const decisionId = report.results[0]?.decisionId ?? null;
  return decisionId === null || (await findDecision(tx, decisionId)) !== null ? report : null;
}

function reused(): PodgateError {
  const message = 'The Idempotency-Key was used for a request with another body or query';
  const pointer = 'Idempotency-Key';
  return new PodgateError('IDEMPOTENCY_KEY_REUSED', message, {
    problems: [{ message, pointer, field: pointer }],
  });
}

function stillWorking(): PodgateError {
  const message = 'The first request with this Idempotency-Key is still being worked on';
  return new PodgateError('CONFLICT', message, { retryAfterSeconds: 1 });
}

function overtaken(): PodgateError {
  const message =
    'This request took so long that the same one, sent again with its Idempotency-Key, is carried out instead';
  return new PodgateError('CONFLICT', message, { retryAfterSeconds: 1 });
}
