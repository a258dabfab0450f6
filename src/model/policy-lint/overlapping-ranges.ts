import type { Int64, PodSecurityPolicySpec } from '../../engine/index.js';
import type { PolicyWarning } from './policy-warning.js';

interface Range {
  readonly min?: Int64 | null | undefined;
  readonly max?: Int64 | null | undefined;
}

/** Ranges of one field that have numbers in common: allowed, but seldom what was meant. */
export function overlappingRanges(name: string, spec: PodSecurityPolicySpec): readonly PolicyWarning[] {
  const fields: readonly (readonly [string, readonly Range[]])[] = [
    ['spec.hostPorts', spec.hostPorts ?? []],
    ['spec.runAsUser.ranges', spec.runAsUser?.ranges ?? []],
    ['spec.runAsGroup.ranges', spec.runAsGroup?.ranges ?? []],
    ['spec.supplementalGroups.ranges', spec.supplementalGroups?.ranges ?? []],
    ['spec.fsGroup.ranges', spec.fsGroup?.ranges ?? []],
  ];
  return fields.flatMap(([field, ranges]) => {
    const pair = firstOverlap(ranges);
    if (pair === null) return [];
    const message = `${field} has ranges with numbers in common: ${pair.map(print).join(' and ')}`;
    return [{ code: 'OVERLAPPING_RANGES', message, field, policies: [name] }];
  });
}

function firstOverlap(ranges: readonly Range[]): readonly [Range, Range] | null {
  const sorted = ranges
    .filter((range) => minOf(range) <= maxOf(range))
    .sort((a, b) => (minOf(a) < minOf(b) ? -1 : minOf(a) > minOf(b) ? 1 : 0));
  let widest: Range | undefined;
  for (const range of sorted) {
    if (widest !== undefined && minOf(range) <= maxOf(widest)) return [widest, range];
    if (widest === undefined || maxOf(range) > maxOf(widest)) widest = range;
  }
  return null;
}

function minOf({ min }: Range): Int64 {
  return min ?? 0;
}

function maxOf({ max }: Range): Int64 {
  return max ?? 0;
}

function print(range: Range): string {
  return `${minOf(range)}-${maxOf(range)}`;
}
