import type { EvaluationResult } from '../model/evaluation.js';
import type { EvaluatedFile, EvaluatedRun, UnreadableFile } from './evaluated-file.js';
import { objectLabel, policyLabel, problemText, violationText, whyNotUsable } from './findings.js';
import { fixLines } from './fix-lines.js';
import { printable } from './printable.js';

/**
 * JUnit XML as Jenkins, GitLab and others read it: a suite a file, a testcase an evaluated pod, a failure a denial;
 * nothing for objects without a pod. A file that could not be read is a suite with an error and no testcase.
 */
export function junitReport({ evaluated, unreadable }: EvaluatedRun): string {
  const tests = sum(evaluated.map(({ report }) => report.results.length));
  const failures = sum(evaluated.map(deniedIn));
  const counts = `tests="${tests}" failures="${failures}" errors="${unreadable.length}" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="podgate" ${counts}>`,
    ...evaluated.flatMap(suite),
    ...unreadable.flatMap(errorSuite),
    '</testsuites>',
    '',
  ].join('\n');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function deniedIn({ report }: EvaluatedFile): number {
  return report.results.filter(({ allowed }) => !allowed).length;
}

function suite(evaluated: EvaluatedFile): string[] {
  const { file, report } = evaluated;
  const counts = `tests="${report.results.length}" failures="${deniedIn(evaluated)}" errors="0" skipped="0"`;
  return [
    `  <testsuite name="${escape(file)}" ${counts}>`,
    ...report.results.flatMap((result) => testcase(evaluated, result)),
    '  </testsuite>',
  ];
}

function testcase({ file, locate }: EvaluatedFile, result: EvaluationResult): string[] {
  const { line } = locate(result.object, null);
  const name = escape(objectLabel(result.object));
  const attributes = `name="${name}" classname="${escape(file)}" file="${escape(file)}" line="${line}" time="0"`;
  if (result.allowed) return [`    <testcase ${attributes}/>`];
  return [
    `    <testcase ${attributes}>`,
    `      <failure type="${result.code}" message="${escape(result.reason)}">`,
    ...result.candidates.flatMap((candidate) => candidateLines(result, candidate)).map(escape),
    '      </failure>',
    '    </testcase>',
  ];
}

function candidateLines(
  result: EvaluationResult,
  candidate: EvaluationResult['candidates'][number],
): string[] {
  const policy = policyLabel({ name: candidate.policy, version: candidate.version });
  const unusable = whyNotUsable(candidate);
  if (unusable !== null) return [`${policy} ${unusable}`];
  return [
    ...candidate.violations.map((violation) => `${policy}: ${violationText(violation)}`),
    ...fixLines(result, candidate).map((fix) => `  how to fix: ${fix}`),
  ];
}

function errorSuite({ file, message, problems }: UnreadableFile): string[] {
  const lines = [message, ...problems.map(problemText)];
  return [
    `  <testsuite name="${escape(file)}" tests="0" failures="0" errors="1" skipped="0">`,
    '    <system-err>',
    ...lines.map(escape),
    '    </system-err>',
    '  </testsuite>',
  ];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** For XML's text and attributes; characters that XML 1.0 can't hold are shown escaped. */
function escape(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
