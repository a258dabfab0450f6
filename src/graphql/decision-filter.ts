import type { DecisionFilter as FilterInput } from '../generated/graphql/types.js';
import type { DecisionFilter } from '../model/decision.js';

/** GraphQL lets a client send null for what it leaves out; both don't filter. */
export function decisionFilterOf(filter: FilterInput): DecisionFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== null));
}
