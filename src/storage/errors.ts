import { isDriverAdapterError } from '@prisma/driver-adapter-utils';
import { Prisma } from '../generated/prisma/client.js';
import { PodgateError } from '../model/errors.js';

/** Seconds after which a database that was away is asked again. */
const RETRY_AFTER_SECONDS = 2;

/** Prisma's codes for a database that can't be reached, closed the connection, or had no free one in time. */
const UNREACHABLE_PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
/**
 * Of SQLSTATE: connection exceptions, insufficient resources (a full disk), operator intervention (a shutdown, a
 * statement that took too long).
 */
const UNREACHABLE_SQLSTATE = /^(08|53|57P|57014)/;
/** The severity with which PostgreSQL refuses or ends a connection, whatever the reason. */
const CONNECTION_REFUSED = /^FATAL$/;
/** Of SQLSTATE: unique violation, serialization failure, deadlock. */
const CONFLICT_SQLSTATE = /^(23505|40001|40P01)$/;
const SOCKET_CODES = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const LOST_CONNECTION =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Cannot use a pool after/;

/**
 * What a failure of the database means to the domain: UNAVAILABLE where it can't be reached or can't work, CONFLICT
 * where another transaction came first. Anything else is a bug and is returned as it is, as are the domain's own errors.
 */
export function translateError(error: unknown): unknown {
  if (error instanceof PodgateError) return error;
  const codes = codesOf(error);
  const says = (pattern: RegExp) => codes.some((code) => pattern.test(code));
  const unreachable = [UNREACHABLE_SQLSTATE, CONNECTION_REFUSED, SOCKET_CODES];
  if (codes.some((code) => UNREACHABLE_PRISMA.has(code)) || unreachable.some(says)) return unavailable(error);
  if (error instanceof Error && LOST_CONNECTION.test(error.message)) return unavailable(error);
  if (codes.includes('P2002') || codes.includes('P2034') || says(CONFLICT_SQLSTATE)) {
    return new PodgateError(
      'CONFLICT',
      'Another request changed the same thing at the same time: try again',
      {
        cause: error,
      },
    );
  }
  return error;
}

function unavailable(cause: unknown): PodgateError {
  return new PodgateError('UNAVAILABLE', 'The database can not be reached', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  });
}

/** Every code that an error and its causes bear: Prisma's own, SQLSTATE with its severity, and those of sockets. */
function codesOf(error: unknown): readonly string[] {
  const codes: string[] = [];
  for (let current = error, depth = 0; current !== undefined && current !== null && depth < 6; depth += 1) {
    if (typeof current !== 'object') break;
    for (const name of ['code', 'originalCode', 'severity']) {
      const code: unknown = Reflect.get(current, name);
      if (typeof code === 'string') codes.push(code);
    }
    current = causeOf(current);
  }
  return codes;
}

function causeOf(error: object): unknown {
  if (isDriverAdapterError(error)) return error.cause;
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.meta !== undefined) {
    return error.meta['driverAdapterError'] ?? error.cause;
  }
  return Reflect.get(error, 'cause');
}
