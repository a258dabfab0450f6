import type { EvaluationResult } from '../model/evaluation.js';
import type { EvaluatedFile, EvaluatedRun, UnreadableFile } from './evaluated-file.js';
import {
  type Finding,
  findingsOf,
  howToFix,
  isDeniedSilently,
  objectLabel,
  policyLabel,
  problemText,
  violationText,
} from './findings.js';
import { printable } from './printable.js';

/** What one annotation says, and where it hangs. */
interface Annotation {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly title: string;
  /** Its lines. */
  readonly message: readonly string[];
}

/**
 * Workflow commands for GitHub Actions, a line each: `::error file=…,line=…,col=…::…`. The same objection of several
 * policies at one place is one annotation, because GitHub shows only the first ten of a step. Nothing for a run in
 * which all is well.
 */
export function githubReport({ evaluated, unreadable }: EvaluatedRun): string {
  const annotations = [...unreadable.flatMap(ofUnreadable), ...evaluated.flatMap(ofEvaluated)];
  return annotations.map((annotation) => `${command(annotation)}\n`).join('');
}

function ofUnreadable({ file, message, problems }: UnreadableFile): Annotation[] {
  const title = 'Not evaluated';
  if (problems.length === 0) return [{ file, title, message: [message] }];
  return problems.map(({ line, column, ...problem }) => ({
    file,
    line,
    column,
    title,
    message: [problemText(problem)],
  }));
}

function ofEvaluated(evaluated: EvaluatedFile): Annotation[] {
  const { file, report, locate } = evaluated;
  const silent = report.results.filter(isDeniedSilently).map((result): Annotation => {
    const { line, column } = locate(result.object, null);
    return { file, line, column, title: titleOf(result), message: [result.reason] };
  });
  return [...silent, ...[...objectionsIn(evaluated)].map(annotationOf)];
}

/** What speaks against a pod at one place, and the policies that say so. */
interface Objection {
  readonly finding: Finding;
  readonly policies: string[];
}

function objectionsIn(evaluated: EvaluatedFile): Iterable<Objection> {
  const objections = new Map<string, Objection>();
  for (const finding of findingsOf(evaluated)) {
    const { result, candidate, violation, place } = finding;
    const { document, item } = result.object;
    const key = JSON.stringify([document, item, place.line, place.column, violationText(violation)]);
    const objection = objections.get(key) ?? { finding, policies: [] };
    const policy = policyLabel({ name: candidate.policy, version: candidate.version });
    if (!objection.policies.includes(policy)) objection.policies.push(policy);
    objections.set(key, objection);
  }
  return objections.values();
}

function annotationOf({ finding, policies }: Objection): Annotation {
  const { file, result, violation, place } = finding;
  const fix = howToFix(violation.control);
  const why = `${violationText(violation)} (${policies.join(', ')})`;
  const message = fix === undefined ? [why] : [why, `How to fix: ${fix}`];
  return { file, line: place.line, column: place.column, title: titleOf(result), message };
}

function titleOf({ object }: EvaluationResult): string {
  return `${objectLabel(object)} is denied`;
}

function command({ file, line, column, title, message }: Annotation): string {
  const properties = [
    `file=${property(file)}`,
    ...(line === undefined ? [] : [`line=${line}`]),
    ...(column === undefined ? [] : [`col=${column}`]),
    `title=${property(title)}`,
  ];
  return `::error ${properties.join(',')}::${message.map(data).join('%0A')}`;
}

/** As `@actions/core` escapes a command's message. */
function data(text: string): string {
  return printable(text).replaceAll('%', '%25');
}

/** As `@actions/core` escapes a command's property. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
