import type { JsonValue } from '../engine/index.js';
import { isList, isObject, type JsonObject, member } from '../kubernetes/json-value.js';
import { type ApiClient, ApiError } from './api-client.js';

/** The answer as an object. Throws {@link ApiError} for anything else. */
export function objectAnswer(answer: JsonValue): JsonObject {
  if (isObject(answer)) return answer;
  throw new ApiError('the answer is not understood: is this address a Podgate server?', null);
}

/** One page of a list. */
export interface AnsweredPage {
  readonly items: readonly JsonObject[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/** Reads a page of the list under `key`. Throws {@link ApiError}. */
export function pageAnswer(answer: JsonValue, key: string): AnsweredPage {
  const page = objectAnswer(answer);
  const items = member(page, key);
  const info = objectAnswer(member(page, 'pageInfo') ?? null);
  const endCursor = member(info, 'endCursor');
  return {
    items: isList(items) ? items.map(objectAnswer) : [],
    endCursor: typeof endCursor === 'string' ? endCursor : null,
    hasNextPage: member(info, 'hasNextPage') === true,
  };
}

/** Every item of a list, read page by page. */
export async function allItems(client: ApiClient, path: string, key: string): Promise<readonly JsonObject[]> {
  const items: JsonObject[] = [];
  let after: string | null = null;
  do {
    const cursor: string = after === null ? '' : `&after=${after}`;
    const page: AnsweredPage = pageAnswer(await client.get(`${path}?first=100${cursor}`), key);
    items.push(...page.items);
    after = page.hasNextPage ? page.endCursor : null;
  } while (after !== null);
  return items;
}

/** A member as text for people: nothing for null and what is absent. */
export function shown(object: JsonObject, key: string): string {
  const value = member(object, key) ?? null;
  if (value === null) return '';
  if (isList(value)) return value.map(String).join(', ');
  return typeof value === 'object' ? '' : String(value);
}
