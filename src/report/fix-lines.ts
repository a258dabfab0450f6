import { exactJson } from '../model/exact-json.js';
import { pointerTokens } from '../kubernetes/json-pointer.js';
import type { DecisionCandidate } from '../model/decision.js';
import type { EvaluationResult } from '../model/evaluation.js';
import type { FixOperation, PolicyFix } from '../model/fixes/policy-fix.js';
import { fieldOf } from '../model/fixes/repair.js';
import { howToFix } from './findings.js';

/** How a policy that rejects a pod could be satisfied, a line each; without a fix, what helps against such objections. */
export function fixLines({ fixes }: EvaluationResult, candidate: DecisionCandidate): readonly string[] {
  const fix = fixes.find(({ policy }) => policy === candidate.policy);
  if (fix !== undefined) return linesOf(fix);
  const help = new Set(candidate.violations.map(({ control }) => howToFix(control)));
  return [...help].filter((line) => line !== undefined);
}

function linesOf({ patch, choices, impossible }: PolicyFix): readonly string[] {
  if (impossible !== null) return [impossible];
  return [
    ...patch.map(operationLine),
    ...choices.map(({ pointer, message }) => `${fieldAt(pointer)}: ${message}`),
  ];
}

function operationLine(operation: FixOperation): string {
  const field = fieldAt(operation.path);
  return operation.op === 'remove' ? `remove ${field}` : `set ${field} to ${exactJson(operation.value)}`;
}

/** A pointer into the submitted object as a path: `spec.template.spec.containers[0].ports`. */
function fieldAt(pointer: string): string {
  return fieldOf(pointerTokens(pointer).map((token) => (/^\d+$/.test(token) ? Number(token) : token)));
}
