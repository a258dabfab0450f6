import type { ValidationRule } from 'graphql';
import { maxAliasLength } from './max-alias-length.js';
import { maxAliases } from './max-aliases.js';
import { maxDepth } from './max-depth.js';
import { maxDirectives } from './max-directives.js';

/**
 * How much one operation may ask for. The largest dashboard query that we know of needs about half of each; the
 * standard introspection query fits too.
 */
export const LIMITS = {
  /** Characters of a document: GraphQL's messages repeat parts of it, such as its operation's name. */
  characters: 64 * 1024,
  /** Lexical tokens of a document: bounds the time of parsing and of GraphQL's own validation. */
  tokens: 2000,
  /** Levels of nested fields. */
  depth: 15,
  /** Aliases in a document. */
  aliases: 50,
  /** Characters of an alias, which an answer repeats in each object. */
  aliasLength: 200,
  /** Directives in a document. */
  directives: 50,
  /** Objects that an answer can hold, reckoned before execution; see `operation-cost.ts`. */
  cost: 10_000,
  /** Objects in the lists of an answer, counted while it is made; see `limit-items.ts`. */
  items: 50_000,
} as const;

/** Errors of a document that are told. */
export const MOST_ERRORS = 10;

/** Errors of an operation's variables that are told: GraphQL puts the whole wrong value into the message of each. */
export const MOST_VARIABLE_ERRORS = 3;

/** The limits that a document alone can break, in the order in which they are reported. */
export const LIMIT_RULES: readonly ValidationRule[] = [
  maxDepth(LIMITS.depth),
  maxAliases(LIMITS.aliases),
  maxAliasLength(LIMITS.aliasLength),
  maxDirectives(LIMITS.directives),
];
