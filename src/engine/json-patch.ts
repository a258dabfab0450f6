import type { Change } from './controls/control.js';
import type { JsonValue } from './json.js';
import type { Pod } from './pod.js';
import { present } from './security-context.js';

/** One operation of an RFC 6902 patch. Admission only ever fills in. */
export interface JsonPatchOperation {
  readonly op: 'add' | 'replace';
  /** RFC 6901 pointer into the submitted pod. */
  readonly path: string;
  readonly value: JsonValue;
}

type Members = Record<string, JsonValue>;

/**
 * The patch that makes these changes to a submitted pod. What a change needs and the pod lacks (annotations, a
 * securityContext) is added with it, in one operation. Members are in the order of the changes: pod first, then its
 * containers.
 */
export function jsonPatch(pod: Pod, changes: readonly Change[]): readonly JsonPatchOperation[] {
  const operations: JsonPatchOperation[] = [];
  const annotations: Members = {};
  const podContext: Members = {};
  const spec: Members = {};
  const contexts = new Map<string, { readonly current: object | undefined; readonly members: Members }>();
  for (const { target, container, member, value } of changes) {
    if (target === 'annotation') annotations[member] = value;
    else if (target === 'podContext') podContext[member] = value;
    else if (target === 'spec') spec[member] = value;
    else if (container !== null) {
      const path = `/spec/${container.list}/${container.index}/securityContext`;
      let context = contexts.get(path);
      if (context === undefined) {
        context = { current: present(container.source.securityContext), members: {} };
        contexts.set(path, context);
      }
      context.members[member] = value;
    }
  }
  const metadata = present(pod.metadata);
  if (metadata !== undefined)
    set(operations, '/metadata/annotations', present(metadata.annotations), annotations);
  else if (!isEmpty(annotations)) operations.push({ op: 'add', path: '/metadata', value: { annotations } });
  if (pod.spec) set(operations, '/spec/securityContext', present(pod.spec.securityContext), podContext);
  else if (!isEmpty(podContext)) spec['securityContext'] = podContext;
  set(operations, '/spec', present(pod.spec), spec);
  for (const [path, { current, members }] of contexts) set(operations, path, current, members);
  return operations;
}

/** Sets members of the object at a path: one by one where it is there, all in one where it isn't. */
function set(
  operations: JsonPatchOperation[],
  path: string,
  current: object | undefined,
  members: Members,
): void {
  const names = Object.keys(members);
  if (names.length === 0) return;
  if (current === undefined) {
    operations.push({ op: 'add', path, value: members });
    return;
  }
  for (const name of names) {
    const op = name in current ? 'replace' : 'add';
    operations.push({ op, path: `${path}/${escapePointer(name)}`, value: members[name] ?? null });
  }
}

function isEmpty(members: Members): boolean {
  return Object.keys(members).length === 0;
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
