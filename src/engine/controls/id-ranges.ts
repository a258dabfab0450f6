import { formatRanges } from '../go-format.js';
import type { Int64 } from '../json.js';
import type { Optional } from '../pod.js';
import type { IdStrategy } from '../policy-spec.js';
import { Ranges, rangesInBoth } from '../ranges.js';

/** Ids that a policy allows. */
export interface IdRanges {
  readonly ranges: Ranges;
  /** The ranges as Kubernetes prints them: `[{1 2} {10 20}]`. */
  readonly printed: string;
}

/** A strategy's ranges with nothing absent. */
export function idRanges(strategy: IdStrategy): IdRanges {
  const ranges = (strategy.ranges ?? []).map(({ min, max }) => ({ min: min ?? 0, max: max ?? 0 }));
  return { ranges: new Ranges(ranges), printed: formatRanges(ranges) };
}

/** The id that `MustRunAs` gives where a pod names none: the first of the first range, which a usable policy has. */
export function firstId(strategy: Optional<IdStrategy>): Int64 | null {
  return strategy?.rule === 'MustRunAs' ? (strategy.ranges?.[0]?.min ?? 0) : null;
}

/** What `MustRunAs` and `MayRunAs` demand of a group; `null` for `RunAsAny`, whatever ranges stand beside it. */
export function groupRanges(strategy: Optional<IdStrategy>): IdRanges | null {
  return strategy?.rule === 'MustRunAs' || strategy?.rule === 'MayRunAs' ? idRanges(strategy) : null;
}

/** The ranges that stand in both. */
export function commonRanges(one: IdRanges, other: IdRanges): IdRanges | null {
  const ranges = rangesInBoth(one.ranges, other.ranges);
  return ranges === null ? null : { ranges, printed: formatRanges(ranges.list) };
}

/** A group strategy that must have ranges but has none lets its policy take no part in admission. */
export function unusableGroups(strategy: Optional<IdStrategy>): string | null {
  return groupRanges(strategy)?.ranges.list.length === 0
    ? `ranges must be supplied for ${strategy?.rule}`
    : null;
}
