import type { Prisma } from '../generated/prisma/client.js';
import type { Database } from './database.js';
import { translateError } from './errors.js';

/** What reads and writes: a transaction, or the database itself for single reads. Every store's functions take one. */
export type Tx = Prisma.TransactionClient;

/** Longest time that a transaction may wait for a connection, and then take, in milliseconds. */
const LIMITS = { maxWait: 5_000, timeout: 30_000 } as const;
/** The same for one that nobody waits for. */
const PATIENT_LIMITS = { ...LIMITS, timeout: 600_000 } as const;

/**
 * Runs `work` in one transaction (read committed): all of it is committed, or nothing.
 *
 * @throws PodgateError CONFLICT where another transaction came first, UNAVAILABLE where the database can't be reached.
 */
export async function inTransaction<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await database.prisma.$transaction(work, LIMITS);
  } catch (error) {
    throw translateError(error);
  }
}

/** As {@link inTransaction}, for what may take minutes: no statement in it is stopped for taking long. */
export async function inLongTransaction<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  const patiently = async (tx: Tx) => {
    await tx.$executeRaw`SET LOCAL statement_timeout = 0`;
    return work(tx);
  };
  try {
    return await database.prisma.$transaction(patiently, PATIENT_LIMITS);
  } catch (error) {
    throw translateError(error);
  }
}

/** For reads that need no transaction: each statement sees what is committed at its moment. */
export function readOnly(database: Database): Tx {
  return database.prisma;
}
