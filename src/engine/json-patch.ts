import type { Change } from './controls/control.js';
import type { JsonValue } from './json.js';
import type { Optional, Pod, PodSpec } from './pod.js';

/** One operation of an RFC 6902 patch. Admission only ever fills in. */
export interface JsonPatchOperation {
  readonly op: 'add' | 'replace';
  /** RFC 6901 pointer into the submitted pod. */
  readonly path: string;
  readonly value: JsonValue;
}

type Members = Record<string, JsonValue>;

/**
 * The patch that makes these changes to a submitted pod: annotations, the pod's spec and securityContext, then the
 * containers'. What a change needs and the pod lacks (annotations, a securityContext) is added with it in one operation.
 */
export function jsonPatch(pod: Pod, changes: readonly Change[]): readonly JsonPatchOperation[] {
  const annotations: Change[] = [];
  const spec: Change[] = [];
  const podContext: Change[] = [];
  const contexts: Change[][] = [];
  for (const change of changes) {
    const { target, container } = change;
    if (container !== null) (contexts[container.position] ??= []).push(change);
    else if (target === 'annotation') annotations.push(change);
    else if (target === 'podContext') podContext.push(change);
    else spec.push(change);
  }
  const operations: JsonPatchOperation[] = [];
  setWithin(operations, '/metadata', pod.metadata, 'annotations', annotations);
  if (spec.length > 0) set(operations, '/spec', pod.spec, spec);
  setWithin(
    operations,
    '/spec',
    spec.length > 0 ? (pod.spec ?? NO_SPEC) : pod.spec,
    'securityContext',
    podContext,
  );
  for (const own of contexts) {
    const container = own?.[0]?.container;
    if (container === undefined || container === null) continue;
    const path = `/spec/${container.list}/${container.index}/securityContext`;
    set(operations, path, container.source.securityContext, own);
  }
  return operations;
}

const NO_SPEC: PodSpec = Object.freeze({});

/** Sets members of an object within another, either of which may be absent. */
function setWithin<Inner extends string>(
  operations: JsonPatchOperation[],
  path: string,
  parent: Optional<{ readonly [inner in Inner]?: Optional<object> }>,
  inner: Inner,
  changes: readonly Change[],
): void {
  if (changes.length === 0) return;
  if (parent === undefined || parent === null) {
    operations.push({ op: 'add', path, value: { [inner]: members(changes) } });
  } else {
    set(operations, `${path}/${inner}`, parent[inner], changes);
  }
}

/** Sets members of the object at a path: one by one where it is there, all in one where it isn't. */
function set(
  operations: JsonPatchOperation[],
  path: string,
  current: object | null | undefined,
  changes: readonly Change[],
): void {
  if (current === undefined || current === null) {
    operations.push({ op: 'add', path, value: members(changes) });
    return;
  }
  for (const { target, member, value } of changes) {
    const op = member in current ? 'replace' : 'add';
    // Of what admission fills in only keys of annotations have a `/` in them.
    const token = target === 'annotation' ? escapePointer(member) : member;
    operations.push({ op, path: `${path}/${token}`, value });
  }
}

function members(changes: readonly Change[]): Members {
  const all: Members = {};
  for (const { member, value } of changes) all[member] = value;
  return all;
}

/** RFC 6901: `~` and `/` in a member's name are written `~0` and `~1`. */
function escapePointer(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;
}

/** A value with a patch applied; what the patch doesn't touch is shared with the original, which stays as it is. */
export function applyPatch<T>(document: T, patch: readonly JsonPatchOperation[]): T {
  let result: unknown = document;
  for (const { path, value } of patch) {
    const tokens = path.split('/').slice(1).map(unescapePointer);
    result = withValue(result, tokens, 0, value);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the operations were made for documents of this type
  return result as T;
}

function withValue(node: unknown, tokens: readonly string[], depth: number, value: JsonValue): unknown {
  const token = tokens[depth];
  if (token === undefined) return value;
  if (Array.isArray(node)) {
    const index = Number(token);
    return node.map((item: unknown, i) => (i === index ? withValue(item, tokens, depth + 1, value) : item));
  }
  const members: Record<string, unknown> = { ...(typeof node === 'object' ? node : {}) };
  members[token] = withValue(members[token], tokens, depth + 1, value);
  return members;
}

function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
