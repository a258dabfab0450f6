import { MAY_BE_UNUSABLE, REGISTRY } from './controls/registry.js';
import { type FeatureGates, type PolicySource, SERVER_GATES } from './policy-spec.js';
import { validateMetadata } from './validate-metadata.js';
import { validateSpec } from './validate-spec.js';
import type { FieldError } from './violation.js';

/** A policy as the engine uses it: valid, its spec cut into the rules of the controls. Immutable. */
export interface CompiledPolicy {
  readonly name: string;
  /**
   * Why admission can't work with this policy although the API accepts it, in Kubernetes' words; `null`: it can.
   * Kubernetes drops such policies without a word.
   */
  readonly unusable: string | null;
  /** One entry for each control of the registry, in its order; `null` where the policy asks for nothing. */
  readonly rules: readonly (CompiledRule | null)[];
}

/** A control's own part of a policy. */
interface CompiledRule {
  /** Plain data, as the control's `rule` made it. */
  readonly rule: unknown;
  /** Equal for equal rules of one control, and only for those. */
  readonly key: string;
}

/** A compiled policy, or everything that the API server would refuse it for. */
type CompileResult =
  | { readonly ok: true; readonly policy: CompiledPolicy }
  | { readonly ok: false; readonly problems: readonly FieldError[] };

/**
 * Validates a policy as the API server does when it is written, and prepares it for evaluation. All problems are told
 * at once, in Kubernetes' order.
 */
export function compilePolicy(source: PolicySource, gates: FeatureGates = SERVER_GATES): CompileResult {
  const problems = [...validateMetadata(source), ...validateSpec(source.spec, gates)];
  if (problems.length > 0) return { ok: false, problems };
  const rules = REGISTRY.map(({ control }) => {
    const rule = control.rule(source, gates);
    return rule === null ? null : { rule, key: ruleKey(rule) };
  });
  return { ok: true, policy: { name: source.name, unusable: unusable(rules), rules } };
}

/** Every reason why admission can't use the rules, as Go prints an aggregate of errors: equal ones once. */
function unusable(rules: CompiledPolicy['rules']): string | null {
  const reasons = MAY_BE_UNUSABLE.map((control) => {
    const compiled = rules[REGISTRY.findIndex((registered) => registered.control === control)];
    return compiled === undefined || compiled === null ? null : (control.unusable?.(compiled.rule) ?? null);
  });
  return joinReasons(reasons.filter((reason) => reason !== null));
}

/** One reason stands plain, several in brackets. */
function joinReasons(reasons: readonly string[]): string | null {
  const distinct = [...new Set(reasons)];
  if (distinct.length < 2) return distinct[0] ?? null;
  return `[${distinct.join(', ')}]`;
}

/**
 * A rule as text. Objects of one control's rules are always built with the same members in the same order; what JSON
 * leaves out of them follows from the rest.
 */
function ruleKey(rule: unknown): string {
  return JSON.stringify(rule, (_member, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
