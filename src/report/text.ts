import type { EvaluationResult } from '../model/evaluation.js';
import type { EvaluatedFile, EvaluatedRun, UnreadableFile } from './evaluated-file.js';
import { objectLabel, policyLabel, problemText, violationText, whyNotUsable } from './findings.js';
import { fixLines } from './fix-lines.js';
import { printable } from './printable.js';

/** How the text is dressed. */
export interface TextOptions {
  /** ANSI colours: for a terminal only. */
  readonly colours: boolean;
}

const ANSI = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;
type Paint = (style: keyof typeof ANSI, text: string) => string;

/**
 * Lines for people: every pod with its verdict, for each denial why and how to fix it, and a last line that counts.
 */
export function textReport(run: EvaluatedRun, { colours }: TextOptions): string {
  const paint: Paint = (style, text) => (colours ? `\u001b[${ANSI[style]}m${text}\u001b[0m` : text);
  const blocks = [
    ...run.evaluated.map((file) => fileLines(file, paint)),
    ...run.unreadable.map((file) => unreadableLines(file, paint)),
    [countLine(run, paint)],
  ];
  return blocks.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function fileLines(evaluated: EvaluatedFile, paint: Paint): string[] {
  const { results, summary } = evaluated.report;
  const labels = results.map(({ object }) => printable(objectLabel(object)));
  const width = Math.max(0, ...labels.map(({ length }) => length));
  const skipped =
    summary.skipped === 0 ? [] : [`  ${paint('dim', `${summary.skipped} skipped: without a pod`)}`];
  const lines = results.flatMap((result, index) => {
    const label = (labels[index] ?? '').padEnd(width);
    const head = `  ${verdict(result, paint)}  ${label}  ${outcome(result)}`;
    const why = result.allowed ? [] : denialLines(evaluated, result, paint);
    return [head].concat(why, warningLines(result, paint));
  });
  return [paint('bold', printable(evaluated.file)), ...lines, ...skipped];
}

function warningLines({ warnings }: EvaluationResult, paint: Paint): string[] {
  return warnings.map((warning) => `            ${paint('yellow', 'warning:')} ${printable(warning)}`);
}

function verdict({ allowed }: EvaluationResult, paint: Paint): string {
  return allowed ? paint('green', 'admitted') : paint('red', 'denied  ');
}

function outcome({ policy, patch, reason }: EvaluationResult): string {
  if (policy === null) return printable(reason);
  return printable(
    `by ${policyLabel(policy)}${patch.length === 0 ? '' : ', which fills in what is missing'}`,
  );
}

function denialLines({ locate }: EvaluatedFile, result: EvaluationResult, paint: Paint): string[] {
  return result.candidates.flatMap((candidate) => {
    const policy = policyLabel({ name: candidate.policy, version: candidate.version });
    const unusable = whyNotUsable(candidate);
    if (unusable !== null) return [`      ${printable(`${policy} ${unusable}`)}`];
    const places = candidate.violations.map((violation) => {
      const { line, column } = locate(result.object, violation);
      return `${line}:${column}`;
    });
    const width = Math.max(0, ...places.map(({ length }) => length));
    const why = candidate.violations.map(
      (violation, index) =>
        `${(places[index] ?? '').padStart(width)}  ${printable(violationText(violation))}`,
    );
    return [
      `      ${printable(policy)} does not admit it`,
      ...labelled(paint('red', 'why'), 'why', why),
      ...labelled(paint('green', 'how to fix'), 'how to fix', fixLines(result, candidate).map(printable)),
    ];
  });
}

/** Lines under each other, the label before the first. */
function labelled(painted: string, label: string, lines: readonly string[]): string[] {
  const column = 'how to fix'.length;
  return lines.map((line, index) =>
    index === 0
      ? `        ${painted}${' '.repeat(column - label.length)}  ${line}`
      : `        ${' '.repeat(column)}  ${line}`,
  );
}

function unreadableLines({ file, message, problems }: UnreadableFile, paint: Paint): string[] {
  return [
    paint('bold', printable(file)),
    `  ${paint('red', 'not evaluated')}  ${printable(message)}`,
    ...problems.map((problem) => `      ${printable(problemText(problem))}`),
  ];
}

function countLine({ evaluated, unreadable }: EvaluatedRun, paint: Paint): string {
  const total = (count: (summary: EvaluatedFile['report']['summary']) => number) =>
    evaluated.reduce((sum, { report }) => sum + count(report.summary), 0);
  const denied = total((summary) => summary.denied);
  const parts = [
    `${total((summary) => summary.admitted)} admitted`,
    denied === 0 ? '0 denied' : paint('red', `${denied} denied`),
    `${total((summary) => summary.skipped)} skipped`,
    ...(unreadable.length === 0 ? [] : [paint('red', `${unreadable.length} not readable`)]),
  ];
  return parts.join(', ');
}
