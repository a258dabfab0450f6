import type { DecisionCandidate } from '../model/decision.js';
import type { EvaluationResult } from '../model/evaluation.js';
import type { PolicyFix } from '../model/fixes/policy-fix.js';
import type { EvaluatedFile } from './evaluated-file.js';
import { fixLines } from './fix-lines.js';
import { printable } from './printable.js';
import type { LineEdit } from './text-edits.js';

/** A result's member `fixes`; none where the fix needs a choice, or can't be said as an edit of the file. */
export type FixesOf = (
  result: EvaluationResult,
  candidate: DecisionCandidate,
) => { readonly fixes?: readonly object[] };

/** Finds the fixes for the results of a file. One fix mends everything that its policy speaks against. */
export function sarifFixes({ suggest }: EvaluatedFile, artifactLocation: object): FixesOf {
  const known = new Map<PolicyFix, ReturnType<FixesOf>>();
  const made = (fix: PolicyFix, result: EvaluationResult, candidate: DecisionCandidate) => {
    const edits = fix.choices.length > 0 ? null : suggest(result.object, fix.patch);
    if (edits === null) return {};
    const text = fixLines(result, candidate).map(printable).join('; ');
    const artifactChanges = [{ artifactLocation, replacements: edits.map(replacement) }];
    return { fixes: [{ description: { text }, artifactChanges }] };
  };
  return (result, candidate) => {
    const fix = result.fixes.find(({ policy }) => policy === candidate.policy);
    if (fix === undefined) return {};
    const fixes = known.get(fix) ?? made(fix, result, candidate);
    known.set(fix, fixes);
    return fixes;
  };
}

/** Lines as a region from the first column of one to the first column of another. */
function replacement({ line, count, lines }: LineEdit) {
  const deletedRegion = { startLine: line, startColumn: 1, endLine: line + count, endColumn: 1 };
  const text = lines.map((one) => `${one}\n`).join('');
  return { deletedRegion, ...(text === '' ? {} : { insertedContent: { text } }) };
}
