import type { PageInfo } from '../generated/graphql/types.js';
import { invalid } from '../model/errors.js';
import type { Edge, Page, PageRequest } from '../model/page.js';

/** The arguments that every connection has. */
export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** A page in the dress of Relay's Cursor Connections. */
export interface Connection<T> {
  readonly edges: readonly Edge<T>[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
}

/**
 * Reads the page that a connection's arguments ask for: from the beginning or from the end; null where there is no list
 * for the caller. Throws INVALID where they ask for neither or for both.
 */
export async function connection<T>(
  page: PageArguments,
  read: (page: PageRequest) => Promise<Page<T> | null>,
): Promise<Connection<T> | null> {
  const found = await read(pageRequest(page));
  if (found === null) return null;
  const { edges, hasNextPage, hasPreviousPage, endCursor } = found;
  const startCursor = edges[0]?.cursor ?? null;
  const pageInfo = { hasNextPage, hasPreviousPage, startCursor, endCursor };
  return { edges, nodes: edges.map((edge) => edge.node), pageInfo };
}

function pageRequest({ first, after, last, before }: PageArguments): PageRequest {
  const forward = isGiven(first);
  if (forward === isGiven(last)) throw wrong('first', 'exactly one of first and last must be given');
  if (forward && isGiven(before)) throw wrong('before', 'before goes with last, and after with first');
  if (!forward && isGiven(after)) throw wrong('after', 'after goes with first, and before with last');
  return isGiven(first)
    ? { first, after: after ?? null }
    : { first: last ?? 0, after: before ?? null, backward: true };
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

function wrong(name: string, message: string): Error {
  return invalid(message, [{ message, pointer: name, field: name }]);
}
