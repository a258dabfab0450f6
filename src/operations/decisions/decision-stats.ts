import {
  type DecisionStats,
  intervalsOf,
  MOST_INTERVALS,
  type StatsInterval,
  type WouldDenyStats,
} from '../../model/decision-stats.js';
import { invalid } from '../../model/errors.js';
import { withinTime } from '../../model/instant.js';
import { readDecisionStats } from '../../storage/decision-stats.js';
import { readOnly } from '../../storage/transaction.js';
import { readWouldDenyStats } from '../../storage/would-deny-stats.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';

/** A question about a cluster's decisions in a time, which is widened to whole intervals. */
export interface DecisionStatsInput {
  readonly cluster: string;
  /** Null: a week before `until`. */
  readonly since: Date | null;
  /** Null: now. */
  readonly until: Date | null;
  readonly interval: StatsInterval;
}

const WEEK_MS = 7 * 86_400_000;

/** Counts a cluster's decisions, each where it was decided. Throws NOT_FOUND, FORBIDDEN, INVALID. */
export async function decisionStats(
  context: OperationContext,
  input: DecisionStatsInput,
): Promise<DecisionStats> {
  const { tx, cluster, starts, first, end } = await asked(context, input);
  const { interval } = input;
  const counted = await readDecisionStats(tx, cluster.id, interval, first, end);
  const intervals = filled(starts, counted.intervals, (startsAt) => ({ startsAt, admitted: 0, denied: 0 }));
  return { ...counted, cluster: cluster.name, since: first, until: end, interval, intervals };
}

/**
 * Counts what mode ENFORCE would have refused in a cluster, or in one namespace of it, of what was let through because of
 * the mode. Throws NOT_FOUND, FORBIDDEN, INVALID.
 */
export async function wouldDenyStats(
  context: OperationContext,
  input: DecisionStatsInput & { readonly namespace: string | null },
): Promise<WouldDenyStats> {
  const { tx, cluster, starts, first, end } = await asked(context, input);
  const { interval, namespace } = input;
  const counted = await readWouldDenyStats(tx, cluster.id, interval, first, end, namespace);
  const intervals = filled(starts, counted.intervals, (startsAt) => ({ startsAt, denied: 0 }));
  return { ...counted, intervals };
}

async function asked(
  context: OperationContext,
  { cluster: name, since, until, interval }: DecisionStatsInput,
) {
  const tx = readOnly(context.services.database);
  const cluster = await findClusterFor(context, 'decision:count', tx, name);
  const last = until ?? context.services.now();
  const { starts, end } = intervalsOf(
    interval,
    since ?? withinTime(new Date(last.getTime() - WEEK_MS)),
    last,
  );
  const [first] = starts;
  if (first === undefined || starts.length > MOST_INTERVALS) {
    const message = `until must be after since, and at most ${MOST_INTERVALS} intervals later`;
    throw invalid(message, [{ message, field: 'until', pointer: 'until' }]);
  }
  return { tx, cluster, starts, first, end };
}

/** An entry for each interval: the counted one, or an empty one. */
function filled<T extends { readonly startsAt: Date }>(
  starts: readonly Date[],
  counted: readonly T[],
  empty: (startsAt: Date) => T,
): readonly T[] {
  const found = new Map(counted.map((each) => [each.startsAt.getTime(), each]));
  return starts.map((startsAt) => found.get(startsAt.getTime()) ?? empty(startsAt));
}
