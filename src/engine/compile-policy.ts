import { MAY_BE_UNUSABLE, REGISTRY, type RegisteredControl } from './controls/registry.js';
import { type FeatureGates, type PolicySource, SERVER_GATES } from './policy-spec.js';
import { validateMetadata } from './validate-metadata.js';
import { validateSpec } from './validate-spec.js';
import type { FieldError } from './violation.js';

/** A policy as the engine uses it: valid, its spec cut into the parts of the controls. Immutable. */
export interface CompiledPolicy {
  readonly name: string;
  /**
   * Why admission can't work with this policy although the API accepts it, in Kubernetes' words; `null`: it can.
   * Kubernetes drops such policies without a word.
   */
  readonly unusable: string | null;
  /** What it fills in and what it demands, in the order of the registry. */
  readonly fills: readonly PolicyPart[];
  /** Of the fills those of containers' contexts. */
  readonly containerFills: readonly PolicyPart[];
  readonly demands: readonly PolicyPart[];
}

/** What a policy has of one control: plain data, as the control's `fills` or `demands` made it. */
export class PolicyPart {
  readonly registered: RegisteredControl;
  readonly part: unknown;
  private written: string | null = null;

  constructor(registered: RegisteredControl, part: unknown) {
    this.registered = registered;
    this.part = part;
  }

  /** Equal for equal parts of one half of one control, and only for those. Made when several policies are compared. */
  get key(): string {
    this.written ??= partKey(this.part);
    return this.written;
  }
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
  const fills = partsOf(({ control }) => control.fills?.(source) ?? null);
  const containerFills = fills.filter(({ registered }) => registered.fillInContainer !== null);
  const demands = partsOf(({ control }) => control.demands(source, gates));
  return {
    ok: true,
    policy: { name: source.name, unusable: unusable(source), fills, containerFills, demands },
  };
}

function partsOf(ask: (registered: RegisteredControl) => unknown): PolicyPart[] {
  return REGISTRY.flatMap((registered) => {
    const part = ask(registered);
    return part === null ? [] : [new PolicyPart(registered, part)];
  });
}

/** Every reason why admission can't use a policy, as Go prints an aggregate of errors: equal ones once. */
function unusable(source: PolicySource): string | null {
  const reasons = MAY_BE_UNUSABLE.map((control) => control.unusable?.(source) ?? null);
  return joinReasons(reasons.filter((reason) => reason !== null));
}

/** One reason stands plain, several in brackets. */
function joinReasons(reasons: readonly string[]): string | null {
  const distinct = [...new Set(reasons)];
  if (distinct.length < 2) return distinct[0] ?? null;
  return `[${distinct.join(', ')}]`;
}

/**
 * A part as text. Objects of one control are always built with the same members in the same order; what JSON leaves out
 * of them follows from the rest.
 */
function partKey(part: unknown): string {
  if (typeof part === 'boolean' || typeof part === 'number') return String(part);
  return JSON.stringify(part, (_member, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
