import {
  type DecisionStats,
  intervalsOf,
  MOST_INTERVALS,
  type StatsInterval,
} from '../../model/decision-stats.js';
import { invalid } from '../../model/errors.js';
import { readDecisionStats } from '../../storage/decision-stats.js';
import { readOnly } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';

/** A question about a cluster's decisions in a time, which is widened to whole intervals. */
export interface DecisionStatsInput {
  readonly cluster: string;
  readonly since: Date;
  readonly until: Date;
  readonly interval: StatsInterval;
}

/** Counts a cluster's decisions, each where it was decided. Throws NOT_FOUND, FORBIDDEN, INVALID. */
export async function decisionStats(
  context: OperationContext,
  { cluster: name, since, until, interval }: DecisionStatsInput,
): Promise<DecisionStats> {
  const tx = readOnly(context.services.database);
  const cluster = await findClusterFor(context, 'decision:count', tx, name);
  const { starts, end } = intervalsOf(interval, since, until);
  const [first] = starts;
  if (first === undefined || starts.length > MOST_INTERVALS) {
    const message = `until must be after since, and at most ${MOST_INTERVALS} intervals later`;
    throw invalid(message, [{ message, field: 'until', pointer: 'until' }]);
  }
  const counted = await readDecisionStats(tx, cluster.id, interval, first, end);
  const found = new Map(counted.intervals.map((each) => [each.startsAt.getTime(), each]));
  const intervals = starts.map(
    (startsAt) => found.get(startsAt.getTime()) ?? { startsAt, admitted: 0, denied: 0 },
  );
  return { ...counted, since: first, until: end, interval, intervals };
}
