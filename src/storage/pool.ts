import pg from 'pg';
import { StartError } from './start-error.js';

/** How long is waited for what, in milliseconds. */
export interface PoolLimits {
  /** Until there is a connection, a new one or one that is given back. */
  readonly connect: number;
  /**
   * Until a server that is gone without a word counts as gone, about: half of it until a connection in use is suspect,
   * and half until a new one has been answered.
   */
  readonly silence: number;
  /** A statement that takes longer is stopped by the server: it waits for a lock that nobody gives up. */
  readonly statement: number;
}

/** The limits of a pool to which nothing else was said. */
export const POOL_LIMITS: PoolLimits = { connect: 5_000, silence: 5_000, statement: 30_000 };
/** After that the server lets go what a process that is gone without a word had locked. */
const IDLE_IN_TRANSACTION_MS = 60_000;
/** Without a byte for that long the other side's kernel is asked whether it is there. */
const KEEP_ALIVE_MS = 10_000;
const LOOK_EVERY_MS = 500;

/** What every connection to PostgreSQL is made with. */
export function connectionSettings(url: string, connectMs: number = POOL_LIMITS.connect): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  };
}

/** Settings of a pool beside those that all have. */
export interface PoolSettings {
  /** Milliseconds after which a query fails and its connection is given up. */
  readonly queryTimeoutMs?: number;
  /** Statements that a new connection begins with. */
  readonly prelude?: string;
  readonly limits?: Partial<PoolLimits>;
}

/**
 * A pool of connections to a PostgreSQL server. Nothing waits for ever where the server, or the network before it, is
 * gone without a word: connections that it doesn't answer on are given up, so that their queries fail.
 */
export function openPool(
  url: string,
  max: number,
  { queryTimeoutMs, prelude = '', limits: given }: PoolSettings = {},
): pg.Pool {
  const limits = { ...POOL_LIMITS, ...given };
  const begin = {
    text: `SET statement_timeout = ${limits.statement}; SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}; ${prelude}`,
    query_timeout: limits.connect, // pg's types don't know the member
  };
  let pool: pg.Pool;
  try {
    pool = new pg.Pool({
      ...connectionSettings(url, limits.connect),
      max,
      ...(queryTimeoutMs === undefined ? {} : { query_timeout: queryTimeoutMs }),
      // oxlint-disable-next-line typescript/no-misused-promises -- pg waits for the promise; its types don't say so
      onConnect: (connection) => connection.query(begin),
    });
  } catch (error) {
    throw new StartError(
      'DATABASE_URL is not a PostgreSQL connection string (postgresql://user:password@host:5432/name).',
      { cause: error },
    );
  }
  // A connection that breaks is dropped by the pool when it is idle, and fails its query when it is in use; without
  // listeners it would end the process besides.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  giveUpDeadConnections(pool, url, limits);
  return pool;
}

/**
 * Ends connections that have been in use for long where a new one gets no answer either. One that waits for a lock, or
 * for a long statement, isn't ended: the server answers others.
 */
function giveUpDeadConnections(pool: pg.Pool, url: string, { silence }: PoolLimits): void {
  const inUseSince = new Map<pg.PoolClient, number>();
  let timer: NodeJS.Timeout | null = null;
  let isLooking = false;

  async function look(): Promise<void> {
    const suspects = [...inUseSince].filter(([, since]) => performance.now() - since > silence / 2);
    if (suspects.length === 0 || isLooking) return;
    isLooking = true;
    const isThere = await answers(url, silence / 2);
    isLooking = false;
    if (isThere) return;
    for (const [client, since] of suspects) if (inUseSince.get(client) === since) end(client);
  }

  pool.on('acquire', (client) => {
    inUseSince.set(client, performance.now());
    timer ??= setInterval(() => void look(), LOOK_EVERY_MS).unref();
  });
  const forget = (client: pg.PoolClient) => {
    inUseSince.delete(client);
    if (inUseSince.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
  pool.on('release', (_error, client) => forget(client));
  pool.on('remove', forget);
}

/** Whether a server answers at all, be it with a refusal; never rejects. */
async function answers(url: string, milliseconds: number): Promise<boolean> {
  const client = new pg.Client({
    ...connectionSettings(url, milliseconds),
    query_timeout: milliseconds,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch (error) {
    // What the server says has a severity: too many connections, for example.
    return error instanceof Error && 'severity' in error;
  } finally {
    end(client);
  }
}

/** Closes a connection, with a query under way too; that one fails. */
function end(client: pg.ClientBase): void {
  // A PoolClient is a Client; ending one that is in use destroys its socket.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- pg's pool makes clients only
  (client as pg.Client).end().catch(() => undefined);
}
