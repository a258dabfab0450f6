import { invalid, PodgateError } from './errors.js';

/**
 * A request for one page: the `first` items after the position that `after` names, null being the beginning. With
 * `backward` it is read from the other end: the items right before that position, null being the end. A page's items
 * are always in the order of the list.
 */
export interface PageRequest {
  readonly first: number;
  readonly after: string | null;
  readonly backward?: boolean;
}

/** An item with the cursor that continues right after it. */
export interface Edge<T> {
  readonly cursor: string;
  readonly node: T;
}

/** One page of a list (Relay's connection without its GraphQL dress). */
export interface Page<T> {
  readonly edges: readonly Edge<T>[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly endCursor: string | null;
}

/** The smallest and largest page size that any list takes. */
export const PAGE_SIZE = { min: 1, max: 100, default: 20 } as const;

/** Checks a page's size; throws INVALID naming `first` (backward `last`) when it is no whole number from 1 to 100. */
export function checkPage({ first, after, backward = false }: PageRequest): PageRequest {
  if (!Number.isInteger(first) || first < PAGE_SIZE.min || first > PAGE_SIZE.max) {
    const name = backward ? 'last' : 'first';
    const message = `${name} must be a whole number from ${PAGE_SIZE.min} to ${PAGE_SIZE.max}`;
    throw invalid(message, [{ message, pointer: name, field: name, value: first }]);
  }
  return { first, after, backward };
}

/**
 * An opaque keyset cursor: base64url without padding over the list it belongs to and the sort key of one item.
 * `list` also names the filter where a cursor must not be used with another one.
 */
export function encodeCursor(list: string, key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
}

/** The sort key in a cursor of this very list; throws INVALID_CURSOR for a damaged one or one of another list. */
export function decodeCursor(
  list: string,
  cursor: string,
  length: number,
  name: 'after' | 'before' = 'after',
): readonly (string | number)[] {
  const parts = /^[A-Za-z0-9_-]+$/.test(cursor) ? parseParts(cursor) : null;
  if (parts === null || parts[0] !== list || parts.length !== length + 1) {
    throw foreignCursor(cursor, name);
  }
  return parts.slice(1);
}

/** The error for a cursor that is not one of the list. */
export function foreignCursor(cursor: string, name: 'after' | 'before'): PodgateError {
  const message = `${name} is not a cursor of this list`;
  return new PodgateError('INVALID_CURSOR', message, {
    problems: [{ message, pointer: name, field: name, value: cursor }],
  });
}

function parseParts(cursor: string): (string | number)[] | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const isKey = (part: unknown) => typeof part === 'string' || typeof part === 'number';
    return Array.isArray(parsed) && parsed.every(isKey) ? parsed : null;
  } catch {
    return null;
  }
}

/**
 * Makes a page of rows that were read in the page's direction with a limit of `first + 1`: the extra row only tells
 * that there are more. The item of a cursor is itself one beyond the page.
 */
export function pageOf<T>(
  rows: readonly T[],
  { first, after, backward = false }: PageRequest,
  cursorOf: (row: T) => string,
): Page<T> {
  const edges = rows.slice(0, first).map((node) => ({ cursor: cursorOf(node), node }));
  if (backward) edges.reverse();
  const [more, before] = [rows.length > first, after !== null];
  const [hasNextPage, hasPreviousPage] = backward ? [before, more] : [more, before];
  return { edges, hasNextPage, hasPreviousPage, endCursor: edges.at(-1)?.cursor ?? null };
}

/** The same page with every node replaced by what `map` makes of it. */
export function mapPage<A, B>(page: Page<A>, map: (node: A) => B): Page<B> {
  return { ...page, edges: page.edges.map((edge) => ({ cursor: edge.cursor, node: map(edge.node) })) };
}
