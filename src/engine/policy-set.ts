import { compareBytes } from './byte-order.js';
import type { CompiledPolicy } from './compile-policy.js';
import { REGISTRY, type RegisteredControl } from './controls/registry.js';

/** Policies compiled together, in byte order of their names. Immutable. */
export interface PolicySet {
  readonly policies: readonly CompiledPolicy[];
  /** Their names. */
  readonly names: readonly string[];
  /** Each distinct rule of the set once, with the policies that have it. */
  readonly rules: readonly SharedRule[];
}

/** A rule that is asked once a pod, on behalf of every policy that has it. */
export interface SharedRule {
  readonly registered: RegisteredControl;
  readonly rule: unknown;
  /** Positions in the set's `policies`, ascending. */
  readonly policies: readonly number[];
}

/**
 * Compiles policies together: equal rules become one. Policies that can't be used take part in nothing but the list.
 * Of several policies with one name each stays a policy of its own, in the order given.
 */
export function compilePolicySet(policies: readonly CompiledPolicy[]): PolicySet {
  const sorted = [...policies].sort((a, b) => compareBytes(a.name, b.name));
  const rules: SharedRule[] = [];
  REGISTRY.forEach((registered, control) => {
    const shared = new Map<string, number[]>();
    sorted.forEach(({ rules: own, unusable }, position) => {
      const compiled = own[control];
      if (unusable !== null || compiled === undefined || compiled === null) return;
      const known = shared.get(compiled.key);
      if (known !== undefined) {
        known.push(position);
        return;
      }
      const holders = [position];
      shared.set(compiled.key, holders);
      rules.push({ registered, rule: compiled.rule, policies: holders });
    });
  });
  return { policies: sorted, names: sorted.map(({ name }) => name), rules };
}
