import type { DecisionStatsResolvers } from '../../generated/graphql/types.js';
import { wouldDenyStats } from '../../operations/decisions/decision-stats.js';

/** What became of the pods of a cluster in a time. */
export const DecisionStats: DecisionStatsResolvers = {
  wouldDeny: ({ cluster, since, until, interval }, { namespace }, { operation }) =>
    wouldDenyStats(operation, { cluster, since, until, interval, namespace: namespace ?? null }),
};
