import type { JsonValue } from '../engine/index.js';
import type { DecisionCandidate, NewDecision } from './decision.js';
import { exactJson, parseExactJson } from './exact-json.js';

/** The part of a decision that is kept as one text. */
export type DecisionDetail = Pick<NewDecision, 'candidates' | 'patch' | 'warnings'>;

type Violation = DecisionCandidate['violations'][number];
type PatchOperation = DecisionDetail['patch'][number];

/** Lists instead of objects: the names of the members would be a third of the log. */
type StoredViolation = readonly [
  Violation['control'],
  Violation['type'],
  Violation['field'],
  Violation['container'],
  JsonValue,
  string,
];
type StoredCandidate = readonly [
  policy: string,
  version: number | null,
  outcome: DecisionCandidate['outcome'],
  mutates: boolean,
  violations: readonly number[],
  unusable?: string,
];
type StoredOperation = readonly [PatchOperation['op'], path: string, JsonValue];
/** A violation that several candidates share is there once, and they name it by its index. */
type StoredDetail = readonly [
  violations: readonly StoredViolation[],
  candidates: readonly StoredCandidate[],
  patch: readonly StoredOperation[],
  warnings: readonly string[],
];

/**
 * The text in which a decision's detail is kept and which its digest covers: JSON, integers beyond 2^53 with every
 * digit. Equal details give the same text, also after they were read back from it or from an export.
 */
export function encodeDetail({ candidates, patch, warnings }: DecisionDetail): string {
  const indexes = new Map<string, number>();
  const byIdentity = new Map<Violation, number>();
  const violations: StoredViolation[] = [];
  const indexOf = (violation: Violation): number => {
    const same = byIdentity.get(violation);
    if (same !== undefined) return same;
    const { control, type, field, container, value, message } = violation;
    const stored = [control, type, field, container, value, message] as const;
    const key = exactJson(stored);
    const index = indexes.get(key) ?? violations.push(stored) - 1;
    indexes.set(key, index);
    byIdentity.set(violation, index);
    return index;
  };
  const detail: StoredDetail = [
    violations,
    candidates.map(({ policy, version, outcome, mutates, violations: found, unusable }) => {
      const stored = [policy, version, outcome, mutates, found.map(indexOf)] as const;
      return unusable === undefined ? stored : [...stored, unusable];
    }),
    patch.map(({ op, path, value }) => [op, path, value]),
    warnings,
  ];
  return exactJson(detail);
}

/** Reads what {@link encodeDetail} wrote. */
export function decodeDetail(text: string): DecisionDetail {
  // encodeDetail alone writes such texts, and whoever alters one is found by its digest.
  const [violations, candidates, patch, warnings] = parseExactJson(text) as StoredDetail;
  const all = violations.map(([control, type, field, container, value, message]) => ({
    control,
    type,
    field,
    container,
    value,
    message,
  }));
  return {
    candidates: candidates.map(([policy, version, outcome, mutates, found, unusable]) => ({
      policy,
      version,
      outcome,
      mutates,
      violations: found.flatMap((index) => all[index] ?? []),
      ...(unusable === undefined ? {} : { unusable }),
    })),
    patch: patch.map(([op, path, value]) => ({ op, path, value })),
    warnings,
  };
}

/** The controls that spoke against a denied pod, each once and sorted; of an admitted pod none counts. */
export function violatedControls({
  allowed,
  candidates,
}: Pick<NewDecision, 'allowed' | 'candidates'>): readonly string[] {
  if (allowed) return [];
  const controls = candidates.flatMap((candidate) => candidate.violations.map(({ control }) => control));
  return [...new Set<string>(controls)].sort();
}
