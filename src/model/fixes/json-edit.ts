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
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (isList(root)) return root.map((item, i) => (i === Number(step) ? withValue(item, rest, value) : item));
  const members = isObject(root) ? root : {};
  const inner = Object.hasOwn(members, step) ? members[step] : undefined;
  return { ...members, [step]: withValue(inner, rest, value) };
}

/** The root without what is at a path. */
export function withoutValue(root: JsonValue, path: Path): JsonValue {
  const step = path.at(-1);
  const parent = valueAt(root, path.slice(0, -1));
  if (step === undefined || parent === undefined) return root;
  if (isList(parent)) return withValue(root, path.slice(0, -1), parent.toSpliced(Number(step), 1));
  if (!isObject(parent)) return root;
  const { [step]: _removed, ...others } = parent;
  return withValue(root, path.slice(0, -1), others);
}

/**
 * The fewest operations that turn one value into another that was made of it by `withValue` and `withoutValue`: what
 * they left alone is still the very same object. Lists only lose items or change them in place.
 */
export function difference(before: JsonValue, after: JsonValue, pointer: string): FixOperation[] {
  if (before === after) return [];
  if (isList(before) && isList(after)) return listDifference(before, after, pointer);
  if (!isObject(before) || !isObject(after)) return [{ op: 'replace', path: pointer, value: after }];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name): FixOperation[] => {
    const path = pointer + pointerOf([name]);
    const [left, right] = [before[name], after[name]];
    if (right === undefined) return [{ op: 'remove', path }];
    if (left === undefined) return [{ op: 'add', path, value: right }];
    return difference(left, right, path);
  });
}

function listDifference(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  pointer: string,
): FixOperation[] {
  if (before.length === after.length) {
    return before.flatMap((item, i) => difference(item, after[i] ?? null, `${pointer}/${i}`));
  }
  const removed: number[] = [];
  let kept = 0;
  before.forEach((item, i) => {
    if (kept < after.length && item === after[kept]) kept++;
    else removed.push(i);
  });
  if (kept < after.length) return [{ op: 'replace', path: pointer, value: after }];
  // From the end, so that each index is still what it was.
  return removed.toReversed().map((i) => ({ op: 'remove', path: `${pointer}/${i}` }));
}

/** A value with operations applied that `difference` made with an empty pointer, or some of them in the same order. */
export function patched(root: JsonValue, operations: readonly FixOperation[]): JsonValue {
  return operations.reduce((value, operation) => {
    const path = tokensOf(operation.path);
    return operation.op === 'remove' ? withoutValue(value, path) : withValue(value, path, operation.value);
  }, root);
}

/** RFC 6901. */
export function pointerOf(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
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
