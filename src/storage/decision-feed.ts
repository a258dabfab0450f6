import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Database } from './database.js';
import { GENERATION_CHANNEL } from './generation.js';
import { connectionSettings } from './pool.js';

/** The channel on which the id of a cluster is sent a moment after decisions of it were recorded. */
const DECISIONS_CHANNEL = 'podgate_decisions';

/** Tells what happens in the database, whichever process does it. What it tells may be late or get lost: look again. */
export interface DecisionFeed {
  /** To be told that decisions of a cluster were recorded here. */
  readonly recorded: (clusterId: string) => void;
  /** Resolves when decisions of a cluster may have been recorded, at the latest after some seconds. */
  readonly next: (clusterId: string, signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Time in which the decisions of a process are told to the others once, in milliseconds. */
const TELL_EVERY_MS = 100;
/** After so long whoever waits looks again, in milliseconds: what was told may have got lost. */
const LOOK_EVERY_MS = 5_000;
const RECONNECT_AFTER_MS = 1_000;

/**
 * Opens the feed with a connection of its own (LISTEN). Telling is apart from recording, and so never slows it: NOTIFY
 * makes commits wait for each other.
 *
 * @param onGenerationMoved told of clusters whose policy set has changed; null: of any, some may have been missed.
 */
export function openDecisionFeed(
  database: Pick<Database, 'url' | 'pool'>,
  onGenerationMoved: (clusterId: string | null) => void,
): DecisionFeed {
  const waiters = createWaiters();
  const untold = new Set<string>();
  const stopping = new AbortController();
  const listening = listen(database.url, stopping.signal, (channel, clusterId) => {
    if (channel === GENERATION_CHANNEL) onGenerationMoved(clusterId);
    else if (clusterId !== null) waiters.wake(clusterId);
  });
  let timer: NodeJS.Timeout | null = null;

  function tell(): void {
    timer = null;
    const ids = [...untold];
    untold.clear();
    const sql = 'SELECT pg_notify($1, id) FROM unnest($2::text[]) AS id';
    // Who misses it looks again after some seconds.
    database.pool.query(sql, [DECISIONS_CHANNEL, ids]).catch(() => undefined);
  }

  return {
    recorded(clusterId) {
      waiters.wake(clusterId);
      untold.add(clusterId);
      timer ??= setTimeout(tell, TELL_EVERY_MS);
    },
    next: waiters.wait,
    async close() {
      stopping.abort();
      waiters.close();
      if (timer !== null) clearTimeout(timer);
      await listening;
    },
  };
}

/** Those who wait for decisions, by the cluster. */
interface Waiters {
  readonly wait: DecisionFeed['next'];
  readonly wake: (clusterId: string) => void;
  /** Wakes everybody; from then on nobody waits. */
  readonly close: () => void;
}

/**
 * Nothing of one who waited is left behind, neither here nor at the signal: in the life of a process millions wait.
 * (`AbortSignal.any` of Node 20 leaves a reference at a signal that goes on, for each time that it is asked.)
 */
function createWaiters(): Waiters {
  const waiting = new Map<string, Set<() => void>>();
  let isClosed = false;

  function wake(clusterId: string): void {
    for (const goOn of waiting.get(clusterId) ?? []) goOn();
  }

  return {
    async wait(clusterId, signal) {
      if (isClosed || signal.aborted) return;
      await new Promise<void>((resolve) => {
        const others = waiting.get(clusterId) ?? new Set();
        const goOn = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', goOn);
          others.delete(goOn);
          if (others.size === 0) waiting.delete(clusterId);
          resolve();
        };
        const timer = setTimeout(goOn, LOOK_EVERY_MS);
        signal.addEventListener('abort', goOn);
        waiting.set(clusterId, others.add(goOn));
      });
    },
    wake,
    close() {
      isClosed = true;
      for (const clusterId of waiting.keys()) wake(clusterId);
    },
  };
}

/** Listens until it is told to stop, and connects again whenever the connection breaks. */
async function listen(
  url: string,
  stop: AbortSignal,
  onMessage: (channel: string, clusterId: string | null) => void,
): Promise<void> {
  while (!stop.aborted) {
    const client = new pg.Client(connectionSettings(url));
    let goOn = () => {};
    const broken = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    client.on('error', goOn).on('end', goOn);
    stop.addEventListener('abort', goOn);
    try {
      client.on('notification', ({ channel, payload }) => onMessage(channel, payload ?? null));
      await client.connect();
      await client.query(`LISTEN ${GENERATION_CHANNEL}; LISTEN ${DECISIONS_CHANNEL}`);
      onMessage(GENERATION_CHANNEL, null);
      await broken;
    } catch {
      // The database is away: whoever asks it for something tells.
    } finally {
      stop.removeEventListener('abort', goOn); // of a connection that is gone nothing may stay at what goes on
    }
    await client.end().catch(() => undefined);
    await sleep(RECONNECT_AFTER_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}
