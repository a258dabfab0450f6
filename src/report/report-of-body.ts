import { type ManifestFormat, parseManifests } from '../kubernetes/manifests.js';
import type { EvaluationReport } from '../model/evaluation.js';
import type { EvaluatedRun } from './evaluated-file.js';
import { junitReport } from './junit.js';
import { locatorOf } from './locate.js';
import { sarifReport } from './sarif.js';
import { editorOf } from './text-edits.js';
import { textReport } from './text.js';

/** An evaluation, and the submitted manifests, in which a report names places. */
export interface ReportedBody {
  readonly kind: 'sarif' | 'junit' | 'text';
  readonly report: EvaluationReport;
  readonly body: Uint8Array | string;
  readonly format: ManifestFormat;
  /** The name that the report shows. */
  readonly file: string;
}

/** Writes the report of an evaluated request, whole or in parts, but never holds up other requests for long. */
export type WriteReport = (reported: ReportedBody) => Promise<string | AsyncIterable<Uint8Array>>;

/** The report of an evaluated request. */
export function reportOfBody(reported: ReportedBody): string {
  const run = runOf(reported);
  switch (reported.kind) {
    case 'sarif':
      return sarifReport(run);
    case 'junit':
      return junitReport(run);
    case 'text':
      return textReport(run, { colours: false });
  }
}

/** Reads the body once more for the places in it: it was good when it was evaluated. */
function runOf({ report, body, format, file }: ReportedBody): EvaluatedRun {
  const manifests = parseManifests(body, format);
  const places = manifests.ok
    ? { locate: locatorOf(manifests), suggest: editorOf(manifests) }
    : { locate: () => ({ line: 1, column: 1 }), suggest: () => null };
  return { evaluated: [{ file, report, ...places }], unreadable: [] };
}
