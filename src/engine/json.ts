/**
 * A Kubernetes int64 (user ids, group ids, range ends). A `bigint` only beyond `Number.MAX_SAFE_INTEGER`, so that two
 * equal values are always `===`; `<` and `>` compare the two kinds exactly.
 */
export type Int64 = number | bigint;

/** What JSON can say, with integers beyond 2^53 kept exact as `bigint`. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
