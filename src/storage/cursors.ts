import {
  decodeCursor,
  encodeCursor,
  foreignCursor,
  type Page,
  type PageRequest,
  pageOf,
} from '../model/page.js';
import { isUuid } from '../model/uuid.js';

/** Where a page begins in a list that runs from the highest key to the lowest, and how it is read from there. */
export interface Descent<K> {
  /** The key right before the page, as it is read; null at either end of the list. */
  readonly position: K | null;
  readonly direction: 'asc' | 'desc';
  /** How many rows to read: one more than the page has. */
  readonly take: number;
}

/** A page of a list by id; throws INVALID_CURSOR for a cursor that this list never gave. */
export function descentById(list: string, page: PageRequest): Descent<string> {
  return descent(page, page.after === null ? null : idIn(list, page.after, page));
}

/** A page of a list by number; throws INVALID_CURSOR for a cursor that this list never gave. */
export function descentByNumber(list: string, page: PageRequest): Descent<number> {
  return descent(page, page.after === null ? null : numberIn(list, page.after, page));
}

/** Under which name the request has its cursor. */
export function cursorName({ backward = false }: PageRequest): 'after' | 'before' {
  return backward ? 'before' : 'after';
}

function descent<K>({ first, backward = false }: PageRequest, position: K | null): Descent<K> {
  return { position, direction: backward ? 'asc' : 'desc', take: first + 1 };
}

/** Prisma's condition on the id of a page's rows: none at either end of the list. */
export function idBeyond({ position, direction }: Descent<string>): {
  readonly id?: { readonly lt: string } | { readonly gt: string };
} {
  if (position === null) return {};
  return { id: direction === 'desc' ? { lt: position } : { gt: position } };
}

function idIn(list: string, cursor: string, page: PageRequest): string {
  const [id] = decodeCursor(list, cursor, 1, cursorName(page));
  if (typeof id !== 'string' || !isUuid(id)) throw foreignCursor(cursor, cursorName(page));
  return id;
}

/** PostgreSQL's largest integer. */
const MOST = 2_147_483_647;

function numberIn(list: string, cursor: string, page: PageRequest): number {
  const [number] = decodeCursor(list, cursor, 1, cursorName(page));
  if (!Number.isSafeInteger(number) || typeof number !== 'number' || number < 0 || number > MOST) {
    throw foreignCursor(cursor, cursorName(page));
  }
  return number;
}

/** A page of rows that are ordered by their id. */
export function pageById<T extends { readonly id: string }>(
  list: string,
  rows: readonly T[],
  page: PageRequest,
): Page<T> {
  return pageOf(rows, page, (row) => encodeCursor(list, [row.id]));
}

/** A page of rows that are ordered by their number. */
export function pageByNumber<T extends { readonly number: number }>(
  list: string,
  rows: readonly T[],
  page: PageRequest,
): Page<T> {
  return pageOf(rows, page, (row) => encodeCursor(list, [row.number]));
}
