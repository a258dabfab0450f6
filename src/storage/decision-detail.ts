import type { Decision, DecisionCandidate } from '../model/decision.js';
import { exactJson, parseExactJson } from './storable.js';

/** The part of a decision that is stored as one text. */
export type DecisionDetail = Pick<Decision, 'candidates' | 'patch' | 'warnings'>;

type Violation = DecisionCandidate['violations'][number];

/** As it is stored: a violation that several candidates share is there once, and they name it by its index. */
interface StoredDetail {
  readonly violations: readonly Violation[];
  readonly candidates: readonly (Omit<DecisionCandidate, 'violations'> & {
    readonly violations: readonly number[];
  })[];
  readonly patch: DecisionDetail['patch'];
  readonly warnings: DecisionDetail['warnings'];
}

/** The text that {@link decodeDetail} reads back: JSON, integers beyond 2^53 with every digit. */
export function encodeDetail({ candidates, patch, warnings }: DecisionDetail): string {
  const indexes = new Map<string, number>();
  const violations: Violation[] = [];
  const indexOf = (violation: Violation): number => {
    const key = exactJson(violation);
    const known = indexes.get(key);
    if (known !== undefined) return known;
    indexes.set(key, violations.length);
    return violations.push(violation) - 1;
  };
  const stored: StoredDetail = {
    candidates: candidates.map((candidate) => ({
      ...candidate,
      violations: candidate.violations.map(indexOf),
    })),
    violations,
    patch,
    warnings,
  };
  return exactJson(stored);
}

/** Reads what {@link encodeDetail} wrote. */
export function decodeDetail(text: string): DecisionDetail {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only encodeDetail writes the column
  const { candidates, violations, patch, warnings } = parseExactJson(text) as StoredDetail;
  return {
    candidates: candidates.map((candidate) => withViolations(candidate, violations)),
    patch,
    warnings,
  };
}

function withViolations(
  { violations: indexes, ...candidate }: StoredDetail['candidates'][number],
  violations: readonly Violation[],
): DecisionCandidate {
  return { ...candidate, violations: indexes.flatMap((index) => violations[index] ?? []) };
}
