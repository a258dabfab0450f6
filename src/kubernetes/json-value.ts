import type { JsonValue, Pod } from '../engine/index.js';

export type { JsonValue };

/** A JSON object. Read members of unknown objects with {@link member}: `__proto__` and the like are ordinary keys. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** The engine's typed view of a pod as the JSON object that it is. */
export function podAsJson(pod: Pod | JsonObject): JsonObject {
  // A Pod's members are JSON values by its definition; only its interface doesn't say so of members it doesn't know.
  return pod as JsonObject;
}

/** Whether the value is a JSON object, rather than a list or null. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the value is a list. `Array.isArray` alone doesn't narrow a readonly array. */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The own member of an object, or undefined; never something inherited, such as `constructor`. */
export function member(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The object at a path of members, or undefined where something on the way is no object. */
export function objectAt(value: JsonValue | undefined, ...path: readonly string[]): JsonObject | undefined {
  let current = value;
  for (const key of path) current = isObject(current) ? member(current, key) : undefined;
  return isObject(current) ? current : undefined;
}

/** The text of a member, or undefined where it is absent or no text. */
export function textMember(object: JsonObject | undefined, key: string): string | undefined {
  const value = object === undefined ? undefined : member(object, key);
  return typeof value === 'string' ? value : undefined;
}

/** Sets a member of an object under construction; `__proto__` becomes a member, as `JSON.parse` does it. */
export function setMember(object: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

const LONGEST_SHOWN = 60;

/** The value for an error message: `the string "1000"`, `the number 1.5`, `a list`; long texts are cut. */
export function describeValue(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') {
    const shown = value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value;
    return `the string ${JSON.stringify(shown)}`;
  }
  if (typeof value === 'boolean') return `the boolean ${value}`;
  if (typeof value === 'object') return isList(value) ? 'a list' : 'an object';
  return `the number ${value}`;
}
