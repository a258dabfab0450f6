import { exactJson } from '../model/exact-json.js';
import { summarize } from '../model/evaluation.js';
import type { EvaluatedFile, EvaluatedRun } from './evaluated-file.js';
import { isAllowed } from './findings.js';
import { printable } from './printable.js';

/**
 * The answer of the evaluate endpoint for a whole run: each result says in addition which `file` it is of and each
 * violation of a denied pod where it stands (`line`, `column`); `errors` lists the files that could not be evaluated.
 * `cluster` and `policySetDigest` are null where the files' answers differ in them.
 */
export function jsonReport(run: EvaluatedRun): string {
  const reports = run.evaluated.map(({ report }) => report);
  const results = run.evaluated.flatMap(locatedResults);
  const skipped = reports.reduce((total, { summary }) => total + summary.skipped, 0);
  const errors = run.unreadable.flatMap(({ file, message, problems }) =>
    problems.length === 0 ? [{ file, message }] : problems.map((problem) => ({ file, ...problem })),
  );
  const report = {
    allowed: isAllowed(run),
    cluster: common(reports.map(({ cluster }) => cluster)),
    policySetDigest: common(reports.map(({ policySetDigest }) => policySetDigest)),
    summary: summarize(results, skipped),
    results,
    errors,
  };
  const text = exactJson(report);
  // Escapes in JSON's strings, where alone such characters can be, mean the same.
  return `${printable(text)}\n`;
}

function common(values: readonly (string | null)[]): string | null {
  const [first = null, ...others] = new Set(values);
  return others.length === 0 ? first : null;
}

function locatedResults({ file, report, locate }: EvaluatedFile) {
  return report.results.map((result) => {
    if (result.allowed) return { file, ...result };
    const candidates = result.candidates.map((candidate) => ({
      ...candidate,
      violations: candidate.violations.map((violation) => ({
        ...violation,
        ...locate(result.object, violation),
      })),
    }));
    return { file, ...result, candidates };
  });
}
