import type { JsonValue } from '../../engine/index.js';
import type { FixOperation } from './policy-fix.js';

/** Member names and indexes, from a root. */
export type Path = readonly (string | number)[];

type Members = { readonly [key: string]: JsonValue };

/** The value at a path, or `undefined`. `null` counts as absent, as Kubernetes reads it. */
export function valueAt(root: JsonValue, path: Path): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const step of path) {
    if (isList(value)) value = value[Number(step)];
    else value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value ?? undefined;
}

/**
 * A value that is changed step by step, each in the time of its path's length: what is changed is copied once. What
 * isn't stays the very same object, and the value that it began with is left alone.
 */
export class Draft {
  #root: JsonValue | undefined;
  /** The copies: nobody else has them, so that they are changed in place. */
  readonly #own = new Set<object>();

  constructor(root: JsonValue | undefined) {
    this.#root = root;
  }

  /** The value as it is now; not to be changed any more. */
  get value(): JsonValue {
    return this.#root ?? null;
  }

  /** Puts a value at a path; objects on the way that aren't there are made. */
  set(path: Path, value: JsonValue): this {
    this.#root = this.#put(this.#root, path, 0, value);
    return this;
  }

  /** Takes away what is at a path. */
  remove(path: Path): this {
    if (this.#root !== undefined && path.length > 0) this.#root = this.#without(this.#root, path, 0);
    return this;
  }

  #without(root: JsonValue, path: Path, from: number): JsonValue {
    const step = path[from];
    if (step === undefined) return root;
    const isLast = from === path.length - 1;
    if (isList(root)) {
      const index = Number(step);
      const item = root[index];
      if (item === undefined) return root;
      const items = this.#ownItems(root);
      if (isLast) items.splice(index, 1);
      else items[index] = this.#without(item, path, from + 1);
      return items;
    }
    if (!isObject(root) || !Object.hasOwn(root, step)) return root;
    if (isLast && !this.#own.has(root)) return this.#ownMembersWithout(root, String(step));
    const members = this.#ownMembers(root);
    if (isLast) delete members[step];
    else putMember(members, String(step), this.#without(root[step] ?? null, path, from + 1));
    return members;
  }

  #put(root: JsonValue | undefined, path: Path, from: number, value: JsonValue): JsonValue {
    const step = path[from];
    if (step === undefined) return value;
    if (isList(root)) {
      const index = Number(step);
      const items = this.#ownItems(root);
      if (Object.hasOwn(items, index)) items[index] = this.#put(items[index], path, from + 1, value);
      return items;
    }
    const members = this.#ownMembers(isObject(root) ? root : {});
    const inner = this.#put(Object.hasOwn(members, step) ? members[step] : undefined, path, from + 1, value);
    putMember(members, String(step), inner);
    return members;
  }

  #ownItems(list: readonly JsonValue[]): JsonValue[] {
    // Safe: what is our own was made here, as a list that can be changed.
    if (this.#own.has(list)) return list as JsonValue[];
    const copy = [...list];
    this.#own.add(copy);
    return copy;
  }

  #ownMembers(object: Members): Record<string, JsonValue> {
    if (this.#own.has(object)) return object;
    const copy = { ...object };
    this.#own.add(copy);
    return copy;
  }

  /** A copy that never had the member: one from which it is deleted is slow to read for everybody after. */
  #ownMembersWithout(object: Members, name: string): Record<string, JsonValue> {
    const copy: Record<string, JsonValue> = {};
    for (const each of Object.keys(object)) if (each !== name) putMember(copy, each, object[each] ?? null);
    this.#own.add(copy);
    return copy;
  }
}

/** An assignment to `__proto__` would make no member. */
function putMember(members: Record<string, JsonValue>, name: string, value: JsonValue): void {
  if (name !== '__proto__') members[name] = value;
  else Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
}

/** One operation of a JSON Patch with its path not yet written as a pointer. */
export type Edit =
  | { readonly op: 'add' | 'replace'; readonly path: Path; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: Path };

/**
 * The fewest edits that turn one value into another that was made of it by a {@link Draft}: what that left alone is
 * still the very same object. Lists only lose items or change them in place.
 */
export function difference(before: JsonValue, after: JsonValue): readonly Edit[] {
  const edits: Edit[] = [];
  addDifference(edits, before, after, []);
  return edits;
}

function addDifference(edits: Edit[], before: JsonValue, after: JsonValue, path: Path): void {
  if (before === after) return;
  if (isList(before) && isList(after)) addListDifference(edits, before, after, path);
  else if (!isObject(before) || !isObject(after)) edits.push({ op: 'replace', path, value: after });
  else {
    for (const name of Object.keys(before)) {
      const [left, right] = [before[name], after[name]];
      if (left === right) continue;
      if (right === undefined) edits.push({ op: 'remove', path: [...path, name] });
      else addDifference(edits, left ?? null, right, [...path, name]);
    }
    for (const name of Object.keys(after)) {
      const value = after[name];
      if (value === undefined || Object.hasOwn(before, name)) continue;
      edits.push({ op: 'add', path: [...path, name], value });
    }
  }
}

function addListDifference(
  edits: Edit[],
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  path: Path,
): void {
  if (before.length === after.length) {
    before.forEach((item, i) => {
      const changed = after[i] ?? null;
      if (item !== changed) addDifference(edits, item, changed, [...path, i]);
    });
    return;
  }
  const removed: number[] = [];
  let kept = 0;
  before.forEach((item, i) => {
    if (kept < after.length && item === after[kept]) kept++;
    else removed.push(i);
  });
  if (kept < after.length) edits.push({ op: 'replace', path, value: after });
  // From the end, so that each index is still what it was.
  else for (const i of removed.toReversed()) edits.push({ op: 'remove', path: [...path, i] });
}

/** A value with edits made that `difference` found, or some of them in the same order. */
export function edited(root: JsonValue, edits: readonly Edit[]): JsonValue {
  const draft = new Draft(root);
  for (const edit of edits) {
    if (edit.op === 'remove') draft.remove(edit.path);
    else draft.set(edit.path, edit.value);
  }
  return draft.value;
}

/** A value with the operations of a fix applied, whose paths begin at it. */
export function patched(root: JsonValue, operations: readonly FixOperation[]): JsonValue {
  return edited(
    root,
    operations.map((operation) => ({ ...operation, path: tokensOf(operation.path) })),
  );
}

/** RFC 6901. */
export function pointerOf(path: Path): string {
  let pointer = '';
  for (const step of path) {
    const isPlain = typeof step === 'number' || !/[~/]/.test(step);
    pointer += `/${isPlain ? step : step.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
  return pointer;
}

function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Whether a value is a JSON object. */
export function isObject(value: JsonValue | undefined): value is Members {
  return typeof value === 'object' && value !== null && !isList(value);
}

/** Whether a value is a JSON array. */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
