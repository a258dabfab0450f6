import { PodgateError } from '../model/errors.js';
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageOf } from '../model/page.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text can be compared with a uuid column at all. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The id after which a page of `list` goes on; throws INVALID_CURSOR for a cursor that this list never gave. */
export function idAfter(list: string, { after }: PageRequest): string | null {
  if (after === null) return null;
  const [id] = decodeCursor(list, after, 1);
  if (typeof id !== 'string' || !isUuid(id)) throw foreignCursor(after);
  return id;
}

/** The number after which a page of `list` goes on; throws INVALID_CURSOR for a cursor that this list never gave. */
export function numberAfter(list: string, { after }: PageRequest): number | null {
  if (after === null) return null;
  const [number] = decodeCursor(list, after, 1);
  if (!Number.isSafeInteger(number) || typeof number !== 'number' || number < 0 || number > MOST) {
    throw foreignCursor(after);
  }
  return number;
}

/** PostgreSQL's largest integer. */
const MOST = 2_147_483_647;

/** A page of rows that are ordered by their id. */
export function pageById<T extends { readonly id: string }>(
  list: string,
  rows: readonly T[],
  first: number,
): Page<T> {
  return pageOf(rows, first, (row) => encodeCursor(list, [row.id]));
}

/** A page of rows that are ordered by their number. */
export function pageByNumber<T extends { readonly number: number }>(
  list: string,
  rows: readonly T[],
  first: number,
): Page<T> {
  return pageOf(rows, first, (row) => encodeCursor(list, [row.number]));
}

/** The error for a cursor that is well-formed but not of this list. */
export function foreignCursor(after: string): PodgateError {
  const message = 'after is not a cursor of this list';
  return new PodgateError('INVALID_CURSOR', message, {
    problems: [{ message, pointer: 'after', field: 'after', value: after }],
  });
}
