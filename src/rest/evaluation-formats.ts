import { z } from 'zod';
import type { EvaluationReport } from '../model/evaluation.js';
import type { WriteReport } from '../report/report-of-body.js';
import type { ManifestBody } from './body.js';
import { reportAnswer, reportReply } from './evaluation-answer.js';
import { type Reply, stream, text } from './reply.js';
import type { Answer } from './route.js';

const sarifAnswer = z
  .looseObject({ version: z.literal('2.1.0'), runs: z.array(z.looseObject({})) })
  .describe('SARIF 2.1.0: a result for each violation of each denied pod.');

/** The media types of an evaluation's answer; the first where a client has no preference. */
export const REPORT_CONTENT = {
  'application/json': reportAnswer,
  'application/sarif+json': sarifAnswer,
  'application/junit+xml': null,
  'text/plain': null,
} as const satisfies Answer['content'];

/** An evaluation, and what reports need to know of the submitted manifests. */
export interface EvaluatedBody {
  readonly report: EvaluationReport;
  readonly body: ManifestBody;
  /** The name that reports show; undefined: one is made up. */
  readonly file: string | undefined;
}

/** The evaluation in the accepted media type, one of {@link REPORT_CONTENT}; the verdict is the same in each. */
export async function evaluationReply(
  status: number,
  accepted: string,
  { report, body: { bytes, format }, file = `manifests.${format}` }: EvaluatedBody,
  headers: Readonly<Record<string, string>>,
  writeReport: WriteReport,
): Promise<Reply> {
  const kind = KINDS[accepted];
  if (kind === undefined) return reportReply(status, report, headers);
  const written = await writeReport({ kind, report, body: bytes, format, file });
  return typeof written === 'string'
    ? text(status, accepted, written, headers)
    : stream(status, accepted, written, headers);
}

const KINDS: Readonly<Record<string, 'sarif' | 'junit' | 'text'>> = {
  'application/sarif+json': 'sarif',
  'application/junit+xml': 'junit',
  'text/plain': 'text',
};
