import { isList, isObject, type JsonValue } from './json-value.js';

/** What a value weighs without what is in it; `key` is that of the member that it is, else empty. */
export type Weigh = (value: JsonValue, key: string) => number;

/** What is left of a number when a value and all that is in it were weighed; nothing more is weighed below zero. */
export function weightLeft(value: JsonValue, left: number, weigh: Weigh, key = ''): number {
  let rest = left - weigh(value, key);
  if (isList(value)) {
    for (const each of value) {
      if (rest < 0) break;
      rest = weightLeft(each, rest, weigh);
    }
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) {
      if (rest < 0) break;
      rest = weightLeft(value[name] ?? null, rest, weigh, name);
    }
  }
  return rest;
}
