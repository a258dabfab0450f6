import { formatRanges } from '../go-format.js';
import type { Int64 } from '../json.js';
import type { IdStrategy } from '../policy-spec.js';

/** Ids that a rule fills in from and judges by. */
export interface IdRanges {
  readonly ranges: readonly { readonly min: Int64; readonly max: Int64 }[];
  /** The ranges as Kubernetes prints them: `[{1 2} {10 20}]`. */
  readonly printed: string;
}

/** A strategy's ranges with nothing absent. */
export function idRanges(strategy: IdStrategy): IdRanges {
  const ranges = (strategy.ranges ?? []).map(({ min, max }) => ({ min: min ?? 0, max: max ?? 0 }));
  return { ranges, printed: formatRanges(ranges) };
}

/** The id that `MustRunAs` gives where a pod names none. A usable rule has a range. */
export function firstId({ ranges }: IdRanges): Int64 {
  return ranges[0]?.min ?? 0;
}

/** A group strategy that must have ranges but has none lets its policy take no part in admission. */
export function unusableGroups(rule: GroupRule): string | null {
  return rule.ranges.length === 0 ? `ranges must be supplied for ${rule.rule}` : null;
}

/** `MustRunAs` fills in and demands, `MayRunAs` demands only where an id is set. */
export interface GroupRule extends IdRanges {
  readonly rule: 'MustRunAs' | 'MayRunAs';
}

/** The rule of a group strategy; `null` for `RunAsAny`, whatever ranges stand beside it. */
export function groupRule(strategy: IdStrategy | null | undefined): GroupRule | null {
  if (strategy?.rule !== 'MustRunAs' && strategy?.rule !== 'MayRunAs') return null;
  return { rule: strategy.rule, ...idRanges(strategy) };
}
