import { EventEmitter, once } from 'node:events';
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
  const events = new EventEmitter().setMaxListeners(0);
  const untold = new Set<string>();
  const stopping = new AbortController();
  const listening = listen(database.url, stopping.signal, (channel, clusterId) => {
    if (channel === GENERATION_CHANNEL) onGenerationMoved(clusterId);
    else if (clusterId !== null) events.emit(clusterId);
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
      events.emit(clusterId);
      untold.add(clusterId);
      timer ??= setTimeout(tell, TELL_EVERY_MS);
    },
    async next(clusterId, signal) {
      const either = AbortSignal.any([signal, stopping.signal, AbortSignal.timeout(LOOK_EVERY_MS)]);
      await once(events, clusterId, { signal: either }).catch(() => undefined); // all that can end it is the signal
    },
    async close() {
      stopping.abort();
      if (timer !== null) clearTimeout(timer);
      await listening;
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
    try {
      const broken = new Promise<void>((resolve) => {
        client.on('error', () => resolve()).on('end', () => resolve());
        stop.addEventListener('abort', () => resolve(), { once: true });
      });
      client.on('notification', ({ channel, payload }) => onMessage(channel, payload ?? null));
      await client.connect();
      await client.query(`LISTEN ${GENERATION_CHANNEL}; LISTEN ${DECISIONS_CHANNEL}`);
      onMessage(GENERATION_CHANNEL, null);
      await broken;
    } catch {
      // The database is away: whoever asks it for something tells.
    }
    await client.end().catch(() => undefined);
    await sleep(RECONNECT_AFTER_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}
