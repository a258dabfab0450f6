import { z } from 'zod';
import { exactJson } from '../model/exact-json.js';
import type { Page } from '../model/page.js';
import { answers } from './documentation.js';

/** Where a page ends, and whether the list goes on. */
const pageInfo = z
  .object({
    endCursor: z.string().nullable().describe('For `after` of the next page; null on an empty page.'),
    hasNextPage: z.boolean(),
  })
  .register(answers, { id: 'PageInfo' });

/** The schema of a page whose items stand under `name`. */
export function pageSchema<S extends z.ZodType>(name: string, item: S) {
  return z.object({ [name]: z.array(item), pageInfo });
}

/** A page as it is answered, its items under `name`. */
export function renderPage<T>(
  name: string,
  page: Page<T>,
  render: (item: T) => unknown,
): Record<string, unknown> {
  const { endCursor, hasNextPage, edges } = page;
  return { [name]: edges.map((edge) => render(edge.node)), pageInfo: { endCursor, hasNextPage } };
}

/** The JSON of {@link renderPage} in pieces, one of each item. */
export function* pagePieces<T>(name: string, page: Page<T>, render: (item: T) => unknown): Generator<string> {
  const { endCursor, hasNextPage, edges } = page;
  yield `{${JSON.stringify(name)}:[`;
  for (const [index, { node }] of edges.entries()) yield `${index > 0 ? ',' : ''}${exactJson(render(node))}`;
  yield `],"pageInfo":${JSON.stringify({ endCursor, hasNextPage })}}`;
}
