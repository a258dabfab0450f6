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

/** The root with a value put at a path; objects on the way that aren't there are made. */
export function withValue(root: JsonValue | undefined, path: Path, value: JsonValue): JsonValue {
  return withValueFrom(root, path, 0, path.length, value);
}

/** The same for the steps of a path from one index up to another. */
function withValueFrom(
  root: JsonValue | undefined,
  path: Path,
  from: number,
  end: number,
  value: JsonValue,
): JsonValue {
  const step = path[from];
  if (from === end || step === undefined) return value;
  if (isList(root)) {
    const index = Number(step);
    return root.map((item, i) => (i === index ? withValueFrom(item, path, from + 1, end, value) : item));
  }
  const members = isObject(root) ? root : {};
  const inner = Object.hasOwn(members, step) ? members[step] : undefined;
  return { ...members, [step]: withValueFrom(inner, path, from + 1, end, value) };
}

/** The root without what is at a path. */
export function withoutValue(root: JsonValue, path: Path): JsonValue {
  const last = path.length - 1;
  const step = path[last];
  const parent = valueAt(root, path.slice(0, -1));
  if (step === undefined || parent === undefined) return root;
  if (isList(parent)) return withValueFrom(root, path, 0, last, parent.toSpliced(Number(step), 1));
  if (!isObject(parent)) return root;
  const { [step]: _removed, ...others } = parent;
  return withValueFrom(root, path, 0, last, others);
}

/** One operation of a JSON Patch with its path not yet written as a pointer. */
export type Edit =
  | { readonly op: 'add' | 'replace'; readonly path: Path; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: Path };

/**
 * The fewest edits that turn one value into another that was made of it by `withValue` and `withoutValue`: what they
 * left alone is still the very same object. Lists only lose items or change them in place.
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
  return edits.reduce(
    (value, edit) =>
      edit.op === 'remove' ? withoutValue(value, edit.path) : withValue(value, edit.path, edit.value),
    root,
  );
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
function isObject(value: JsonValue | undefined): value is Members {
  return typeof value === 'object' && value !== null && !isList(value);
}

/** Whether a value is a JSON array. */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
