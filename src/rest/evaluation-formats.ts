import { z } from 'zod';
import { parseManifests } from '../kubernetes/manifests.js';
import type { EvaluationReport } from '../model/evaluation.js';
import type { EvaluatedRun } from '../report/evaluated-file.js';
import { junitReport } from '../report/junit.js';
import { locatorOf } from '../report/locate.js';
import { editorOf } from '../report/text-edits.js';
import { sarifReport } from '../report/sarif.js';
import { textReport } from '../report/text.js';
import type { ManifestBody } from './body.js';
import { renderReport, reportAnswer } from './evaluation-answer.js';
import { json, type Reply, text } from './reply.js';
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
export function evaluationReply(
  status: number,
  accepted: string,
  evaluated: EvaluatedBody,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  switch (accepted) {
    case 'application/sarif+json':
      return text(status, accepted, sarifReport(runOf(evaluated)), headers);
    case 'application/junit+xml':
      return text(status, accepted, junitReport(runOf(evaluated)), headers);
    case 'text/plain':
      return text(status, accepted, textReport(runOf(evaluated), { colours: false }), headers);
    default:
      return json(status, renderReport(evaluated.report), headers);
  }
}

/** Reads the body once more for the places in it: it was good when it was evaluated. */
function runOf({ report, body, file }: EvaluatedBody): EvaluatedRun {
  const manifests = parseManifests(body.bytes, body.format);
  const places = manifests.ok
    ? { locate: locatorOf(manifests), suggest: editorOf(manifests) }
    : { locate: () => ({ line: 1, column: 1 }), suggest: () => null };
  return { evaluated: [{ file: file ?? `manifests.${body.format}`, report, ...places }], unreadable: [] };
}
