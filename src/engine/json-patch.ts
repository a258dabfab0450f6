import type { Changes } from './changes.js';
import type { JsonValue } from './json.js';
import type { Optional, Pod, PodSpec } from './pod.js';
import { SECCOMP_KEY } from './pod-view.js';

/** One operation of an RFC 6902 patch. Admission only ever fills in. */
export interface JsonPatchOperation {
  readonly op: 'add' | 'replace';
  /** RFC 6901 pointer into the submitted pod. */
  readonly path: string;
  readonly value: JsonValue;
}

type Members = Readonly<Record<string, JsonValue>>;

const ANNOTATIONS = '/metadata/annotations';

/** The annotation that most policies fill in, as it stands in a pointer. */
const READY: ReadonlyMap<string, string> = new Map([[SECCOMP_KEY, escapePointer(SECCOMP_KEY)]]);

/**
 * The patch that makes these changes to a submitted pod: annotations, the pod's spec and securityContext, then the
 * containers'. What a change needs and the pod lacks (annotations, a securityContext) is added with it in one operation.
 */
export function jsonPatch(pod: Pod, changes: Changes): readonly JsonPatchOperation[] {
  const { annotations, spec, podContext, contexts } = changes;
  const operations: JsonPatchOperation[] = [];
  if (annotations !== null) setWithin(operations, '/metadata', pod.metadata, 'annotations', annotations);
  if (spec !== null) set(operations, '/spec', pod.spec, spec);
  const current = spec === null ? pod.spec : (pod.spec ?? NO_SPEC);
  if (podContext !== null) setWithin(operations, '/spec', current, 'securityContext', podContext);
  return operations.length === 0 ? contexts : operations.concat(contexts);
}

const NO_SPEC: PodSpec = Object.freeze({});

/** Sets members of an object within another, either of which may be absent. */
function setWithin<Inner extends string>(
  operations: JsonPatchOperation[],
  path: string,
  parent: Optional<{ readonly [inner in Inner]?: Optional<object> }>,
  inner: Inner,
  members: Members,
): void {
  if (parent === undefined || parent === null) {
    operations.push({ op: 'add', path, value: { [inner]: members } });
  } else {
    set(operations, `${path}/${inner}`, parent[inner], members);
  }
}

/**
 * Sets members of the object at a path: one by one where it is there, all in one where it isn't. RFC 6902: `add` also sets
 * a member that is there, such as one that is null.
 */
function set(
  operations: JsonPatchOperation[],
  path: string,
  current: Optional<object>,
  members: Members,
): void {
  if (current === undefined || current === null) {
    operations.push({ op: 'add', path, value: members });
    return;
  }
  // Of what admission fills in only keys of annotations have a `/` in them.
  const areKeys = path === ANNOTATIONS;
  for (const member in members) {
    const token = areKeys ? (READY.get(member) ?? escapePointer(member)) : member;
    operations.push({ op: 'add', path: `${path}/${token}`, value: members[member] ?? null });
  }
}

/** RFC 6901: `~` and `/` in a member's name are written `~0` and `~1`. */
function escapePointer(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;
}

/** A value with a patch applied; what the patch doesn't touch is shared with the original, which stays as it is. */
export function applyPatch<T>(document: T, patch: readonly JsonPatchOperation[]): T {
  // Each list and object on the way is copied once, however many operations lead through it.
  const copies = new Set<unknown>();
  let result: unknown = document;
  for (const { path, value } of patch) {
    const tokens = path.split('/').slice(1).map(unescapePointer);
    result = withValue(result, tokens, 0, value, copies);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the operations were made for documents of this type
  return result as T;
}

function withValue(
  node: unknown,
  tokens: readonly string[],
  depth: number,
  value: JsonValue,
  copies: Set<unknown>,
): unknown {
  const token = tokens[depth];
  if (token === undefined) return value;
  if (Array.isArray(node)) {
    const items: unknown[] = copies.has(node) ? node : node.slice();
    copies.add(items);
    const index = Number(token);
    items[index] = withValue(items[index], tokens, depth + 1, value, copies);
    return items;
  }
  const members: Record<string, unknown> =
    copies.has(node) && isMembers(node) ? node : { ...(typeof node === 'object' ? node : {}) };
  copies.add(members);
  members[token] = withValue(members[token], tokens, depth + 1, value, copies);
  return members;
}

function isMembers(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null;
}

function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
