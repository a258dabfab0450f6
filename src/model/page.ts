import { invalid, PodgateError } from './errors.js';

/** A request for one page: `first` items after the position that `after` names. */
export interface PageRequest {
  readonly first: number;
  readonly after: string | null;
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
  readonly endCursor: string | null;
}

/** The smallest and largest page size that any list takes. */
export const PAGE_SIZE = { min: 1, max: 100, default: 20 } as const;

/** Checks a page size; throws INVALID naming `first` when it is not a whole number from 1 to 100. */
export function checkPageSize(first: number): number {
  if (!Number.isInteger(first) || first < PAGE_SIZE.min || first > PAGE_SIZE.max) {
    const message = `first must be a whole number from ${PAGE_SIZE.min} to ${PAGE_SIZE.max}`;
    throw invalid(message, [{ message, pointer: 'first', field: 'first', value: first }]);
  }
  return first;
}

/**
 * An opaque keyset cursor: base64url without padding over the list it belongs to and the sort key of one item.
 * `list` also names the filter where a cursor must not be used with another one.
 */
export function encodeCursor(list: string, key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
}

/** The sort key in a cursor of this very list; throws INVALID_CURSOR for a damaged one or one of another list. */
export function decodeCursor(list: string, cursor: string, length: number): readonly (string | number)[] {
  const parts = /^[A-Za-z0-9_-]+$/.test(cursor) ? parseParts(cursor) : null;
  if (parts === null || parts[0] !== list || parts.length !== length + 1) {
    const message = 'after is not a cursor of this list';
    throw new PodgateError('INVALID_CURSOR', message, {
      problems: [{ message, pointer: 'after', field: 'after', value: cursor }],
    });
  }
  return parts.slice(1);
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
 * Makes a page of rows that were read with a limit of `first + 1`: the extra row only tells that there are more.
 */
export function pageOf<T>(rows: readonly T[], first: number, cursorOf: (row: T) => string): Page<T> {
  const edges = rows.slice(0, first).map((node) => ({ cursor: cursorOf(node), node }));
  return { edges, hasNextPage: rows.length > first, endCursor: edges.at(-1)?.cursor ?? null };
}

/** The same page with every node replaced by what `map` makes of it. */
export function mapPage<A, B>(page: Page<A>, map: (node: A) => B): Page<B> {
  return { ...page, edges: page.edges.map((edge) => ({ cursor: edge.cursor, node: map(edge.node) })) };
}
