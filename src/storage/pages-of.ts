import { Prisma } from '../generated/prisma/client.js';
import { PodgateError } from '../model/errors.js';
import type { Page } from '../model/page.js';
import type { Descent } from './cursors.js';

/** The same page of each parent's list by the parent's id; INVALID_CURSOR where the cursor is not one of that list. */
export type PagesByParent<T> = ReadonlyMap<string, Page<T> | PodgateError>;

/** Lists of one kind, of which every parent has one. */
export interface ParentedList<T, K> {
  /** Where the page begins in the list of this parent; throws INVALID_CURSOR. */
  readonly descent: (parentId: string) => Descent<K>;
  /** Reads with one statement what the descent tells of each of these parents' lists, in its direction. */
  readonly read: (parentIds: readonly string[], descent: Descent<K>) => Promise<readonly ItemOf<T>[]>;
  /** Makes the page of what was read of one parent's list. */
  readonly pageOf: (parentId: string, items: readonly T[]) => Page<T>;
}

/** An item, and in whose list it is. */
export interface ItemOf<T> {
  readonly parentId: string;
  readonly item: T;
}

/** Reads the same page of the lists of many parents with one statement; parents that aren't there have empty ones. */
export async function pagesOf<T, K>(
  parentIds: readonly string[],
  list: ParentedList<T, K>,
): Promise<PagesByParent<T>> {
  const pages = new Map<string, Page<T> | PodgateError>();
  const items = new Map<string, T[]>();
  let descent: Descent<K> | null = null;
  for (const parentId of parentIds) {
    try {
      // The same for all that have one: a cursor names its parent's list, so with a cursor one at most is left.
      descent = list.descent(parentId);
      items.set(parentId, []);
    } catch (error) {
      if (!(error instanceof PodgateError)) throw error;
      pages.set(parentId, error);
    }
  }
  if (descent !== null) {
    for (const { parentId, item } of await list.read([...items.keys()], descent)) {
      items.get(parentId)?.push(item);
    }
  }
  for (const [parentId, own] of items) pages.set(parentId, list.pageOf(parentId, own));
  return pages;
}

/** The page of a single parent; throws INVALID_CURSOR. */
export function onlyPage<T>(pages: PagesByParent<T>): Page<T> {
  const [page] = pages.values();
  if (page === undefined) throw new Error('a parent was asked for');
  if (page instanceof PodgateError) throw page;
  return page;
}

/** A descent as the end of a SELECT: which keys (of the column's SQL type), in which order, how many. */
export function descentSql<K>(
  { position, direction, take }: Descent<K>,
  column: string,
  type: 'uuid' | 'integer' | 'bigint',
): { readonly beyond: Prisma.Sql; readonly limited: Prisma.Sql; readonly ordered: Prisma.Sql } {
  const [key, cast] = [Prisma.raw(column), Prisma.raw(type)];
  const falling = direction === 'desc';
  const ordered = falling ? Prisma.sql`ORDER BY ${key} DESC` : Prisma.sql`ORDER BY ${key} ASC`;
  const limited = Prisma.sql`${ordered} LIMIT ${take}`;
  if (position === null) return { beyond: Prisma.empty, limited, ordered };
  const than = falling ? Prisma.raw('<') : Prisma.raw('>');
  return { beyond: Prisma.sql`AND ${key} ${than} ${position}::${cast}`, limited, ordered };
}
