import type { EvaluatedRun } from './evaluated-file.js';
import { githubReport } from './github.js';
import { jsonReport } from './json.js';
import { junitReport } from './junit.js';
import { sarifReport } from './sarif.js';
import { type TextOptions, textReport } from './text.js';

/** The ways in which a run can be told. */
export const REPORT_FORMATS = ['text', 'json', 'sarif', 'junit', 'github'] as const;

/** One of {@link REPORT_FORMATS}. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A run in a format; the verdict is the same in each. */
export function renderReport(format: ReportFormat, run: EvaluatedRun, options: TextOptions): string {
  switch (format) {
    case 'text':
      return textReport(run, options);
    case 'json':
      return jsonReport(run);
    case 'sarif':
      return sarifReport(run);
    case 'junit':
      return junitReport(run);
    case 'github':
      return githubReport(run);
  }
}
