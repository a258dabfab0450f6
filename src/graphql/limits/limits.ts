import type { ValidationRule } from 'graphql';
import { maxAliases } from './max-aliases.js';
import { maxDepth } from './max-depth.js';
import { maxDirectives } from './max-directives.js';

/**
 * How much one operation may ask for. The largest dashboard query that we know of needs about half of each; the
 * standard introspection query fits too.
 */
export const LIMITS = {
  /** Lexical tokens of a document: bounds the time of parsing and of GraphQL's own validation. */
  tokens: 2000,
  /** Levels of nested fields. */
  depth: 15,
  /** Aliases in a document. */
  aliases: 50,
  /** Directives in a document. */
  directives: 50,
  /** Objects that an answer can hold, reckoned before execution; see `operation-cost.ts`. */
  cost: 10_000,
} as const;

/** The limits that a document alone can break, in the order in which they are reported. */
export const LIMIT_RULES: readonly ValidationRule[] = [
  maxDepth(LIMITS.depth),
  maxAliases(LIMITS.aliases),
  maxDirectives(LIMITS.directives),
];
