import { setImmediate } from 'node:timers/promises';
import { serialize } from 'node:v8';
import type { EvaluationReport, EvaluationResult } from '../model/evaluation.js';
import { Turns } from '../model/turns.js';
import { type ReportedBody, reportOfBody, type WriteReport } from '../report/report-of-body.js';
import { movable } from './movable.js';
import type { ThreadPool } from './thread-pool.js';

/** What a thread is asked: a report, its results serialized in parts. */
export interface ReportingRequest {
  readonly reported: Omit<ReportedBody, 'report'>;
  readonly report: Omit<EvaluationReport, 'results'>;
  readonly results: readonly Uint8Array<ArrayBuffer>[];
}

/** What a thread answers: the report in UTF-8. */
export type ReportingAnswer = Uint8Array<ArrayBuffer>;

/** Bodies and reports above this are worked on by a thread: characters, and what policies say: candidates and violations. */
const SMALL_BODY = 16 * 1024;
const LITTLE_SAID = 200;
/** Results, candidates and violations in one part: it is serialized in some milliseconds. */
const PART = 400;
/** Bytes that are given on at a time. */
const CHUNK = 64 * 1024;

/**
 * Writes reports as {@link reportOfBody} does, large ones beside the event loop. Throws what the pool throws where there
 * is too much to do.
 */
export function createReportWriter(pool: ThreadPool): WriteReport {
  return async (reported) => {
    const { report, ...rest } = reported;
    if (
      rest.body.length <= SMALL_BODY &&
      report.results.reduce((sum, result) => sum + saidIn(result), 0) <= LITTLE_SAID
    ) {
      return reportOfBody(reported);
    }
    const { results, ...head } = report;
    const parts = await serialized(results);
    const request: ReportingRequest = { reported: rest, report: head, results: parts };
    const moved = parts.map(({ buffer }) => buffer);
    // The thread's program answers nothing else.
    const bytes = (await pool.run(request, moved)) as ReportingAnswer;
    return chunksOf(bytes);
  };
}

async function serialized(results: readonly EvaluationResult[]): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const turns = new Turns();
  let part: EvaluationResult[] = [];
  let size = 0;
  for (const [index, result] of results.entries()) {
    part.push(result);
    size += 1 + saidIn(result);
    if (size < PART && index < results.length - 1) continue;
    parts.push(movable(serialize(part)));
    part = [];
    size = 0;
    if (turns.isOver()) await turns.giveWay();
  }
  return parts;
}

function saidIn({ candidates }: EvaluationResult): number {
  return candidates.reduce((count, { violations }) => count + 1 + violations.length, 0);
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += CHUNK) {
    yield bytes.subarray(from, from + CHUNK);
    await setImmediate();
  }
}
