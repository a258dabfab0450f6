import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from '../generated/prisma/client.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { translateError } from './errors.js';
import { StartError } from './start-error.js';

/** Where the data is: a server of one's own, or the embedded one with its data under a directory. */
export type DatabaseSource = { readonly url: string } | { readonly dataDir: string };

/** What reads and writes: the database itself or a transaction on it. Every store's functions take one. */
export type Queryable = Prisma.TransactionClient;

/** An open database. Failures of its queries are domain errors where they mean something (see errors.ts). */
export interface Database {
  readonly prisma: PrismaClient;
  /** The connections behind `prisma`, for what needs one of its own: LISTEN, streams. */
  readonly pool: pg.Pool;
  readonly url: string;
  /** Closes the connections and, last, stops the embedded server. */
  close(): Promise<void>;
}

/** How a database is opened. */
export interface DatabaseOptions {
  /** Connections at most. */
  readonly poolSize?: number;
  /** For how long a server that doesn't answer is tried again, in milliseconds. */
  readonly patienceMs?: number;
}

const DEFAULTS = { poolSize: 10, patienceMs: 5_000 } as const;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens the database, starting the embedded server where there is no URL. Migrating is a step of its own (migrate.ts).
 *
 * @throws StartError in one line when it can't be reached or doesn't let us in; nothing is left running then.
 */
export async function openDatabase(source: DatabaseSource, options: DatabaseOptions = {}): Promise<Database> {
  const { poolSize, patienceMs } = { ...DEFAULTS, ...options };
  const server = 'url' in source ? null : await startEmbeddedPostgres(source);
  const url = 'url' in source ? source.url : (server?.url ?? '');
  try {
    const pool = openPool(url, poolSize);
    try {
      await reach(pool, url, patienceMs);
    } catch (error) {
      await pool.end();
      throw error;
    }
    const prisma = openPrisma(pool);
    const close = async () => {
      await prisma.$disconnect();
      await pool.end();
      await server?.stop();
    };
    return { prisma, pool, url, close };
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

/** Longest time that a transaction may wait for a connection, and then take, in milliseconds. */
const TRANSACTION_LIMITS = { maxWait: 5_000, timeout: 30_000 } as const;

/** Runs `work` in one transaction (read committed): all of it or nothing. */
export async function withTransaction<T>(
  database: Database,
  work: (transaction: Queryable) => Promise<T>,
): Promise<T> {
  try {
    return await database.prisma.$transaction(work, TRANSACTION_LIMITS);
  } catch (error) {
    throw translateError(error);
  }
}

function openPool(url: string, max: number): pg.Pool {
  let pool: pg.Pool;
  try {
    pool = new pg.Pool({
      connectionString: url,
      max,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
  } catch (error) {
    throw new StartError(
      'DATABASE_URL is not a PostgreSQL connection string (postgresql://user:password@host:5432/name).',
      {
        cause: error,
      },
    );
  }
  // A connection that breaks while idle is dropped by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

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
  // A query extension that returns what the query returned changes no shape: only $on and $extends' types differ.
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
        throw new StartError(
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
