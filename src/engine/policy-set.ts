import { compareBytes } from './byte-order.js';
import type { CompiledPolicy, PolicyPart } from './compile-policy.js';
import { type Family, findFamilies } from './families.js';
import { REGISTRY, type RegisteredControl } from './controls/registry.js';

/** Policies compiled together. Immutable. */
export interface PolicySet {
  /** In byte order of their names. */
  readonly policies: readonly CompiledPolicy[];
  /** Their names and why they can't be used, by themselves: of a thousand policies an evaluation reads nothing more. */
  readonly names: readonly string[];
  readonly unusable: readonly (string | null)[];
  /** Every distinct thing that they fill in, first those that all of them do. */
  readonly fills: readonly SharedPart[];
  /** Every distinct demand, control by control. */
  readonly demands: readonly {
    readonly registered: RegisteredControl;
    readonly families: readonly Family<SharedPart>[];
  }[];
  /** For each policy a false and a null: copied for each evaluation, which is faster than filling new lists. */
  readonly nowhere: readonly boolean[];
  readonly nothing: readonly null[];
}

/** What the policies have of one control; never empty. */
interface SharedParts {
  readonly registered: RegisteredControl;
  readonly parts: readonly SharedPart[];
}

/** What some of the policies have in common: asked once a pod, on behalf of all of them. */
interface SharedPart extends Holders {
  readonly registered: RegisteredControl;
  /** Every policy that can be used has it. */
  readonly byAll: boolean;
}

interface Holders {
  readonly part: unknown;
  /** Positions of the policies that have it, ascending. */
  readonly policies: number[];
}

/**
 * Compiles policies together: equal parts become one. Policies that can't be used take part in nothing but the list.
 * Of several policies with one name each stays a policy of its own, in the order given.
 */
export function compilePolicySet(policies: readonly CompiledPolicy[]): PolicySet {
  const sorted = [...policies].sort((a, b) => compareBytes(a.name, b.name));
  const fills = shareParts(sorted, ({ fills }) => fills).flatMap(({ parts }) => parts);
  return {
    policies: sorted,
    names: sorted.map(({ name }) => name),
    unusable: sorted.map(({ unusable }) => unusable),
    // Where all policies fill something in, nothing else needs to be asked what it fills in.
    fills: [...fills.filter(({ byAll }) => byAll), ...fills.filter(({ byAll }) => !byAll)],
    demands: shareParts(sorted, ({ demands }) => demands).map(({ registered, parts }) => ({
      registered,
      families: findFamilies(parts, registered.common),
    })),
    nowhere: sorted.map(() => false),
    nothing: sorted.map(() => null),
  };
}

/** The distinct parts of the policies that can be used, control by control in the order of the registry. */
function shareParts(
  policies: readonly CompiledPolicy[],
  partsOf: (policy: CompiledPolicy) => readonly PolicyPart[],
): readonly SharedParts[] {
  const usable = policies.flatMap((policy, position) =>
    policy.unusable === null ? [{ parts: partsOf(policy), position }] : [],
  );
  const [only] = usable;
  if (only !== undefined && usable.length === 1) {
    const { parts, position } = only;
    return parts.map(({ registered, part }) => ({
      registered,
      parts: [{ registered, part, policies: [position], byAll: true }],
    }));
  }
  const shared = new Map<RegisteredControl, Map<string, Holders>>(
    REGISTRY.map((registered) => [registered, new Map()]),
  );
  for (const { parts, position } of usable) {
    for (const { registered, part, key } of parts) {
      const known = shared.get(registered)?.get(key);
      if (known === undefined) shared.get(registered)?.set(key, { part, policies: [position] });
      else known.policies.push(position);
    }
  }
  const all = Array.from(shared, ([registered, byKey]) => ({
    registered,
    parts: Array.from(byKey.values(), ({ part, policies: holders }) => ({
      registered,
      part,
      policies: holders,
      byAll: holders.length === usable.length,
    })),
  }));
  return all.filter(({ parts }) => parts.length > 0);
}
