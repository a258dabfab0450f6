import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision, DecisionFilter } from '../../model/decision.js';
import { PodgateError } from '../../model/errors.js';
import type { Database } from '../../storage/database.js';
import { pageDecisions, positionAfter } from '../../storage/search-decisions.js';
import { readLogEnd } from '../../storage/log-reader.js';
import { readOnly } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';
import { readableFilter } from './list-decisions.js';

/** Which decisions are watched. */
export interface WatchDecisionsInput {
  readonly cluster: string;
  readonly filter: DecisionFilter;
  /** Position in the cluster's log after which to begin; null: what comes from now on. */
  readonly after: bigint | null;
}

/** Decisions read at a time. */
const PAGE = 100;
const PAUSE_MS = 1_000;

/**
 * The decisions of a cluster as they are recorded, each once and in the order of the log, until the signal. They are
 * read from the log when the reader wants the next one: a slow reader holds nothing up and misses nothing. While the
 * database is away it waits. Throws NOT_FOUND, FORBIDDEN before the first one.
 */
export async function watchDecisions(
  context: OperationContext,
  { cluster: name, filter: wanted, after }: WatchDecisionsInput,
  signal: AbortSignal,
): Promise<AsyncGenerator<Decision>> {
  const { database } = context.services;
  const cluster = await findClusterFor(context, 'decision:read', readOnly(database), name);
  const filter = readableFilter(context.principal, wanted);
  const start = after ?? (await readLogEnd(database, cluster.id)).sequence;
  return watch(context, cluster.id, filter, start, signal);
}

async function* watch(
  { services }: OperationContext,
  clusterId: string,
  filter: DecisionFilter | null,
  start: bigint,
  signal: AbortSignal,
): AsyncGenerator<Decision> {
  let position = start;
  // Before looking: what is recorded while we look is told to this promise.
  let recorded = services.decisionFeed.next(clusterId, signal);
  while (!signal.aborted) {
    let look: Look;
    try {
      look = await lookAfter(services.database, clusterId, filter, position);
    } catch (error) {
      if (!(error instanceof PodgateError && error.code === 'UNAVAILABLE')) throw error;
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      continue;
    }
    yield* look.found;
    position = look.through;
    if (look.found.length < PAGE) {
      await recorded;
      recorded = services.decisionFeed.next(clusterId, signal);
    }
  }
}

/** What was found after a position, and how far the log has been looked through by that. */
interface Look {
  readonly found: readonly Decision[];
  readonly through: bigint;
}

/**
 * Looks for the next page. Where that isn't full, all is looked through up to the end that the log had before: decisions
 * become visible in the order of the log, for appends to a cluster queue at its head, and what doesn't match never will.
 */
async function lookAfter(
  database: Database,
  clusterId: string,
  filter: DecisionFilter | null,
  position: bigint,
): Promise<Look> {
  if (filter === null) return { found: [], through: position };
  const { sequence: end } = await readLogEnd(database, clusterId);
  if (end <= position) return { found: [], through: position };
  const page = { first: PAGE, after: positionAfter(clusterId, filter, 'oldest', position) };
  const { edges } = await pageDecisions(readOnly(database), clusterId, filter, 'oldest', page);
  const found = edges.map(({ node }) => node);
  const last = found.at(-1)?.sequence ?? position;
  return { found, through: found.length < PAGE && end > last ? end : last };
}
