import DataLoader from 'dataloader';
import type { Page, PageRequest } from '../model/page.js';

/**
 * One read for all keys that are asked for in the same turn of the event loop.
 *
 * @param text what `read` names a key's value by; a key that is a text names it itself
 */
export function batched<Value, Key = string>(
  read: (keys: readonly Key[]) => Promise<ReadonlyMap<string, Value>>,
  text: (key: Key) => string = String,
): DataLoader<Key, Value | null, string> {
  return new DataLoader<Key, Value | null, string>(
    async (keys) => {
      const found = await read(keys);
      return keys.map((key) => found.get(text(key)) ?? null);
    },
    { cacheKeyFn: text },
  );
}

/** Which page of whose list. */
export interface PageKey<Parent, Args> {
  readonly parent: Parent;
  readonly args: Args;
}

/**
 * One read for all parents of whose lists the same page is asked for in the same turn of the event loop. A page is null
 * where the parent isn't there for the caller.
 *
 * @param idOf what `read` names a parent's page by; a parent that is a text names it itself
 */
export function paged<Node, Parent = string, Args extends PageRequest = PageRequest>(
  read: (parents: readonly Parent[], args: Args) => Promise<ReadonlyMap<string, Page<Node> | Error>>,
  idOf: (parent: Parent) => string = String,
): DataLoader<PageKey<Parent, Args>, Page<Node> | null, string> {
  return new DataLoader<PageKey<Parent, Args>, Page<Node> | null, string>(
    async (keys) => {
      const groups = new Map<string, { readonly args: Args; readonly parents: Parent[] }>();
      for (const { parent, args } of keys) {
        const group = groups.get(JSON.stringify(args)) ?? { args, parents: [] };
        group.parents.push(parent);
        groups.set(JSON.stringify(args), group);
      }
      const reading = new Map(
        [...groups].map(([text, { args, parents }]) => [text, settled(read(parents, args))] as const),
      );
      return Promise.all(
        keys.map(async ({ parent, args }) => {
          const found = await reading.get(JSON.stringify(args));
          return found instanceof Error ? found : (found?.get(idOf(parent)) ?? null);
        }),
      );
    },
    { cacheKeyFn: ({ parent, args }) => `${idOf(parent)} ${JSON.stringify(args)}` },
  );
}

/** What was read, or why it couldn't be: the failure of one group of keys is none of the others'. */
function settled<T>(reading: Promise<T>): Promise<T | Error> {
  return reading.catch((error: unknown) =>
    error instanceof Error ? error : new Error('a read failed', { cause: error }),
  );
}

/** One read for each key, however often it is asked for. */
export function once<Key, Value>(read: (key: Key) => Promise<Value>): { load(key: Key): Promise<Value> } {
  const known = new Map<string, Promise<Value>>();
  return {
    load(key) {
      const name = JSON.stringify(key);
      const reading = known.get(name) ?? read(key);
      known.set(name, reading);
      return reading;
    },
  };
}
