/** The first and the last instant that RFC 3339 can write in UTC with a year that exists: from 0001 to 9999. */
export const EARLIEST = new Date('0001-01-01T00:00:00.000Z');
/** See {@link EARLIEST}. */
export const LATEST = new Date('9999-12-31T23:59:59.999Z');

/**
 * Whether a date is an instant that can be stored and written back: an offset may carry what a client writes beyond
 * either end, and neither PostgreSQL nor RFC 3339 knows what is there.
 */
export function isInstant(date: Date): boolean {
  return date >= EARLIEST && date <= LATEST;
}

/** The date, or the end of the writable time that it is beyond. */
export function withinTime(date: Date): Date {
  if (date < EARLIEST) return EARLIEST;
  return date > LATEST ? LATEST : date;
}
