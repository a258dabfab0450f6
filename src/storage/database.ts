import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { PrismaClient } from '../generated/prisma/client.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';
import { translateError } from './errors.js';
import { isMigrated, migrate } from './migrate.js';
import { openPool, type PoolLimits } from './pool.js';
import { grantService, makeServiceRole } from './service-role.js';
import { StartError } from './start-error.js';

/** An open, migrated database. Failures of its queries are domain errors where they mean something (see errors.ts). */
export interface Database {
  readonly prisma: PrismaClient;
  /** The connections behind `prisma`, for what needs one of its own: LISTEN, streams, the decision log. */
  readonly pool: pg.Pool;
  readonly url: string;
  /** For how long its connections wait for what. */
  readonly limits: Partial<PoolLimits>;
  /** How the connections are used at this moment. */
  poolState(): { readonly total: number; readonly idle: number; readonly waiting: number };
  /** Whether the database answers and has every migration that this program knows; never rejects. */
  isReady(): Promise<boolean>;
  /** Closes the connections and, last, stops the embedded server. */
  close(): Promise<void>;
}

/** How a database is opened. */
export interface DatabaseOptions {
  /** Connection string of a server; null starts the embedded one. */
  readonly databaseUrl: string | null;
  /** Where migrations run, in a role that owns the tables; absent or null: in the service's own role. */
  readonly migrationDatabaseUrl?: string | null;
  /** Absolute path under which the embedded server has its data. */
  readonly dataDir: string;
  /** Connections at most. */
  readonly databasePoolSize: number;
  /** For how long connections wait for what, where it isn't as usual. */
  readonly databaseLimits?: Partial<PoolLimits>;
  /** For how long a server that doesn't answer is tried again, in milliseconds. */
  readonly patienceMs?: number;
  /** Open also while a given server can't be reached: it is prepared as soon as it can. */
  readonly startsWithout?: boolean;
  /** Told why it can't be prepared yet, each reason once. */
  readonly onPrepareFailure?: (error: unknown) => void;
}

const DEFAULT_PATIENCE_MS = 5_000;
/** Where the start goes on without the server: somebody waits for it. */
const IMPATIENCE_MS = 500;
const PREPARE_EVERY_MS = 1_000;
/** Partitions of the decision log made ahead at every start; what comes later goes into the default one. */
const MONTHS_AHEAD = 3;

/**
 * Opens the database, starting the embedded server where there is no URL, migrates it and makes the partitions of the
 * coming months.
 *
 * @throws StartError in one line when it can't be reached, doesn't let us in or can't be migrated; nothing is left
 * running then.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { databaseUrl, dataDir } = options;
  const server = databaseUrl === null ? await startEmbeddedPostgres({ dataDir }) : null;
  try {
    if (server === null) return await openAt(givenUrls(options), options, null);
    return await openAt({ owner: server.url, service: await makeServiceRole(server.url) }, options, server);
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

/** Two ways into one database: that of the role to which everything belongs, and that of the service. */
interface Urls {
  readonly owner: string;
  readonly service: string;
}

function givenUrls({ databaseUrl, migrationDatabaseUrl }: DatabaseOptions): Urls {
  const service = databaseUrl ?? '';
  return { owner: migrationDatabaseUrl ?? service, service };
}

async function openAt(
  { owner, service: url }: Urls,
  options: DatabaseOptions,
  server: EmbeddedPostgres | null,
): Promise<Database> {
  const limits = options.databaseLimits ?? {};
  const pool = openPool(url, options.databasePoolSize, { limits });
  const prepare = async (patienceMs: number) => {
    await reach(pool, url, patienceMs);
    // A service that isn't told the owner's URL may have no right to migrate, and needs none where that is done.
    if (owner !== url || !(await isMigrated(pool))) await migrate(owner);
    if (owner !== url) await grantService(owner, url);
    await pool.query('SELECT ensure_decision_partitions($1)', [MONTHS_AHEAD]);
  };
  const closing = new AbortController();
  let preparing: Promise<void> | null = null;
  try {
    const patience = options.startsWithout === true ? IMPATIENCE_MS : DEFAULT_PATIENCE_MS;
    await prepare(options.patienceMs ?? patience);
  } catch (error) {
    if (options.startsWithout !== true || !(error instanceof Unreachable)) {
      await pool.end();
      throw error;
    }
    preparing = prepareLater(prepare, eachReasonOnce(options.onPrepareFailure), closing.signal);
  }
  const prisma = openPrisma(pool);
  return {
    prisma,
    pool,
    url,
    limits,
    poolState: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    isReady: () => isMigrated(pool).catch(() => false),
    close: async () => {
      closing.abort();
      await preparing;
      await prisma.$disconnect();
      await pool.end();
      await server?.stop();
    },
  };
}

/** Prepares a database that was away at the start, once it is there; until then it isn't ready. */
async function prepareLater(
  prepare: (patienceMs: number) => Promise<void>,
  onFailure: (error: unknown) => void,
  closing: AbortSignal,
): Promise<void> {
  while (!closing.aborted) {
    try {
      await prepare(0);
      return;
    } catch (error) {
      onFailure(error);
      await sleep(PREPARE_EVERY_MS, undefined, { signal: closing }).catch(() => undefined);
    }
  }
}

/** It is tried every second, and a server that starts refuses for one reason and another in turns. */
function eachReasonOnce(tell: (error: unknown) => void = () => undefined): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    const reason = reasonOf(error);
    if (!told.has(reason)) tell(error);
    told.add(reason);
  };
}

/** Nothing answers at the address; something else may in a while. */
class Unreachable extends StartError {}

/** The client whose every query, in transactions too, fails with translated errors. */
function openPrisma(pool: pg.Pool): PrismaClient {
  const client = new PrismaClient({ adapter: new PrismaPg(pool) }).$extends({
    query: {
      $allOperations: async ({ args, query }) => {
        try {
          return await query(args);
        } catch (error) {
          throw translateError(error);
        }
      },
    },
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an extension that returns what the query gave changes no shape
  return client as unknown as PrismaClient;
}

/** Not worth another try: wrong password, no such role or database, no rights. */
const FINAL = /^(28|3D|42)/;

async function reach(pool: pg.Pool, url: string, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      await pool.query('SELECT 1');
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (FINAL.test(code) || Date.now() >= deadline) {
        const Failure = FINAL.test(code) ? StartError : Unreachable;
        throw new Failure(
          `The database at ${placeOf(url)} can't be used: ${reasonOf(error)} (DATABASE_URL)`,
          {
            cause: error,
          },
        );
      }
      await sleep(200);
    }
  }
}

/** Host, port and database of a connection string; never its user or password. */
function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host === '' ? 'localhost' : host}${pathname}`;
  } catch {
    return 'DATABASE_URL';
  }
}

function reasonOf(error: unknown): string {
  // Node tries every address of a name and tells of all of them in an error without a message.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}
