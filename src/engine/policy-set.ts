import { compareBytes } from './byte-order.js';
import type { CompiledPolicy } from './compile-policy.js';
import { REGISTRY, type RegisteredControl } from './controls/registry.js';

/** Policies compiled together, in byte order of their names. Immutable. */
export interface PolicySet {
  readonly policies: readonly CompiledPolicy[];
  /** Their names. */
  readonly names: readonly string[];
  /** For each policy a false and a null: copied for each evaluation, which is faster than filling new lists. */
  readonly unmarked: readonly boolean[];
  readonly unjudged: readonly null[];
  /** The controls that any of the policies has a rule of; first those of which all have one and the same. */
  readonly controls: readonly SharedControl[];
}

/** A control with each distinct rule of the set once. */
interface SharedControl {
  readonly registered: RegisteredControl;
  readonly rules: readonly SharedRule[];
}

/** A rule that is asked once a pod, on behalf of every policy that has it. */
interface SharedRule {
  readonly rule: unknown;
  /** Every policy that can be used has it. */
  readonly byAll: boolean;
  /** Positions in the set's `policies`, ascending. */
  readonly policies: readonly number[];
}

/**
 * Compiles policies together: equal rules become one. Policies that can't be used take part in nothing but the list.
 * Of several policies with one name each stays a policy of its own, in the order given.
 */
export function compilePolicySet(policies: readonly CompiledPolicy[]): PolicySet {
  const sorted = [...policies].sort((a, b) => compareBytes(a.name, b.name));
  const controls = REGISTRY.map((registered, control) => ({
    registered,
    rules: shareRules(sorted, control),
  }));
  const isByAll = ({ rules }: SharedControl) => rules.some(({ byAll }) => byAll);
  return {
    policies: sorted,
    names: sorted.map(({ name }) => name),
    unmarked: sorted.map(() => false),
    unjudged: sorted.map(() => null),
    // What all policies fill in needs asking of none of the others.
    controls: [
      ...controls.filter(isByAll),
      ...controls.filter((control) => control.rules.length > 0 && !isByAll(control)),
    ],
  };
}

function shareRules(policies: readonly CompiledPolicy[], control: number): SharedRule[] {
  const shared = new Map<string, { readonly rule: unknown; readonly policies: number[] }>();
  policies.forEach(({ rules, unusable }, position) => {
    const compiled = rules[control];
    if (unusable !== null || compiled === undefined || compiled === null) return;
    const known = shared.get(compiled.key);
    if (known === undefined) shared.set(compiled.key, { rule: compiled.rule, policies: [position] });
    else known.policies.push(position);
  });
  const usable = policies.filter(({ unusable }) => unusable === null).length;
  return [...shared.values()].map(({ rule, policies: holders }) => ({
    rule,
    byAll: holders.length === usable,
    policies: holders,
  }));
}
