/** What is odd about a policy, or about policies side by side, and no reason to refuse it. */
export type PolicyWarningCode =
  /** A field of the text that a PodSecurityPolicy doesn't have. */
  | 'UNKNOWN_FIELD'
  /** Kubernetes' admission drops the policy without a word. */
  | 'UNUSABLE'
  /** No pod can satisfy it. */
  | 'ADMITS_NOTHING'
  /** Every pod satisfies it. */
  | 'ADMITS_EVERYTHING'
  /** It fills in values, so that it comes after every policy that needn't. */
  | 'MUTATES'
  /** Ranges of one field have numbers in common. */
  | 'OVERLAPPING_RANGES'
  /** Without the field the policy would say the same. */
  | 'NO_EFFECT'
  /** Another policy always wins. */
  | 'SHADOWED'
  /** Which of two policies fills in its values is decided by their names alone. */
  | 'ORDER_BY_NAME';

/** One warning. */
export interface PolicyWarning {
  readonly code: PolicyWarningCode;
  /** One sentence for people. */
  readonly message: string;
  /** The policy's field, as Kubernetes names it; `null` where it isn't one. */
  readonly field: string | null;
  /** The names of the policies concerned, the one that the warning is about first. */
  readonly policies: readonly string[];
}
