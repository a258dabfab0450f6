import { withinTime } from './instant.js';

/** The length of an interval, which begins where an hour or a day begins in UTC. */
export type StatsInterval = 'HOUR' | 'DAY';

/** Decisions by verdict. */
export interface VerdictCounts {
  readonly admitted: number;
  readonly denied: number;
}

/** What became of the pods of a cluster in a time; the intervals cover it whole. */
export interface DecisionStats extends VerdictCounts {
  /** The cluster's name. */
  readonly cluster: string;
  /** Where the first interval begins. */
  readonly since: Date;
  /** Where the last interval ends. */
  readonly until: Date;
  readonly interval: StatsInterval;
  /** Every interval, also those without decisions, oldest first. */
  readonly intervals: readonly IntervalStats[];
  /** The controls that spoke against the most denied pods. */
  readonly topControls: readonly ControlStats[];
  /** The workloads that were denied most often. */
  readonly topDeniedWorkloads: readonly WorkloadStats[];
  /** How many pods each version of a policy admitted, most first. */
  readonly policies: readonly PolicyStats[];
}

/** The decisions of one interval. */
export interface IntervalStats extends VerdictCounts {
  readonly startsAt: Date;
}

/** A control, and against how many denied pods it spoke. */
export interface ControlStats {
  readonly control: string;
  readonly denied: number;
}

/** A workload, and how often it was denied. */
export interface WorkloadStats {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly denied: number;
}

/** A version of a policy, and how many pods it admitted. */
export interface PolicyStats {
  readonly policy: string;
  readonly version: number;
  readonly admitted: number;
}

/** What mode ENFORCE would have refused in a time: pods that were denied and let through, each creation once. */
export interface WouldDenyStats {
  /** How many pods. */
  readonly denied: number;
  /** Every interval, also those without such pods, oldest first. */
  readonly intervals: readonly WouldDenyInterval[];
  /** The namespaces with the most such pods. */
  readonly namespaces: readonly NamespaceStats[];
  /** The controls that spoke against the most such pods. */
  readonly topControls: readonly ControlStats[];
  /** The workloads with the most such pods. */
  readonly topWorkloads: readonly WorkloadStats[];
}

/** How many pods ENFORCE would have refused in one interval. */
export interface WouldDenyInterval {
  readonly startsAt: Date;
  readonly denied: number;
}

/** A namespace, and how many of its pods ENFORCE would have refused. */
export interface NamespaceStats {
  readonly namespace: string;
  readonly denied: number;
}

/** How many controls, workloads, policies and namespaces are told. */
export const TOP = 20;

const MILLISECONDS = { HOUR: 3_600_000, DAY: 86_400_000 } as const;

/** The most intervals that are told at once. */
export const MOST_INTERVALS = 1_000;

/** Where each interval begins from that of `since` on, up to but not including `until`, and where the last one ends. */
export function intervalsOf(
  interval: StatsInterval,
  since: Date,
  until: Date,
): { readonly starts: readonly Date[]; readonly end: Date } {
  const length = MILLISECONDS[interval];
  const first = Math.floor(since.getTime() / length) * length;
  const count = until > since ? Math.ceil((until.getTime() - first) / length) : 0;
  // The one beyond the most that are told shows that there are too many.
  const starts = Array.from(
    { length: Math.min(count, MOST_INTERVALS + 1) },
    (_, index) => new Date(first + index * length),
  );
  return { starts, end: withinTime(new Date(first + count * length)) };
}
