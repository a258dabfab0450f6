import type { PageInfo } from '../generated/graphql/types.js';
import type { Edge, Page } from '../model/page.js';

/** The arguments that every connection has. */
export interface PageArguments {
  readonly first: number;
  readonly after?: string | null;
}

/** A page in the dress of Relay's Cursor Connections. */
export interface Connection<T> {
  readonly edges: readonly Edge<T>[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
}

/** Reads the page that a connection's arguments ask for. */
export async function connection<T>(
  page: PageArguments,
  read: (page: { readonly first: number; readonly after: string | null }) => Promise<Page<T>>,
): Promise<Connection<T>> {
  const after = page.after ?? null;
  const { edges, hasNextPage, endCursor } = await read({ first: page.first, after });
  const pageInfo = {
    hasNextPage,
    // A cursor is that of an item, and that item is before the page.
    hasPreviousPage: after !== null,
    startCursor: edges[0]?.cursor ?? null,
    endCursor,
  };
  return { edges, nodes: edges.map((edge) => edge.node), pageInfo };
}
