/** The program of a thread that writes reports; {@link createReportWriter} is the other end. */
import { deserialize } from 'node:v8';
import { parentPort } from 'node:worker_threads';
import type { EvaluationResult } from '../model/evaluation.js';
import { reportOfBody } from '../report/report-of-body.js';
import type { ReportingAnswer, ReportingRequest } from './report-writer.js';

parentPort?.on('message', ({ reported, report, results }: ReportingRequest) => {
  // The other end has serialized them from such lists.
  const all = results.flatMap((part) => deserialize(part) as readonly EvaluationResult[]);
  const text = reportOfBody({ ...reported, report: { ...report, results: all } });
  const answer: ReportingAnswer = new TextEncoder().encode(text);
  parentPort?.postMessage(answer, [answer.buffer]);
});
