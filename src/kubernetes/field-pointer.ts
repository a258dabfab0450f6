import type { Pod } from '../engine/index.js';
import { pointerToken } from './json-pointer.js';
import {
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  objectAt,
  podAsJson,
} from './json-value.js';

/** A field path's parts: names, and what stands in brackets (an index or a key). */
type Step = { readonly name: string } | { readonly bracket: string };

/** Kubernetes reports these below `securityContext`, where its internal type has them; manifests have them in `spec`. */
const HOST_NAMESPACES = /^spec\.securityContext\.(hostNetwork|hostPID|hostIPC)$/;
const HOST_PORT = /^(spec\.(\w+)\[(\d+)\])\.hostPort$/;
const SECURITY_CONTEXT = /^spec\.\w+\[\d+\]\.securityContext$/;
const SECCOMP_POD = 'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]';
const SECCOMP_CONTAINER =
  /^metadata\.annotations\[container\.seccomp\.security\.alpha\.kubernetes\.io\/(.*)\]$/;
const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/**
 * Where what a violation speaks of stands in the submitted object, as a JSON Pointer. Kubernetes' paths follow its
 * internal types, so some name a place that no manifest has: host namespaces below `securityContext`, a host port
 * without its port, `hostPath.pathPrefix`. The pointer may name a place that isn't in the object (a missing field);
 * whoever shows it takes the nearest parent.
 * @param field the violation's field path, with or without a leading `pod.`
 * @param value the violation's value; tells which of several ports is meant
 * @param pod the submitted pod or template
 * @param podPointer where the pod stands in the submitted object
 */
export function fieldPointer(
  field: string,
  value: JsonValue,
  pod: Pod | JsonObject,
  podPointer = '',
): string {
  const path = field.startsWith('pod.') ? field.slice('pod.'.length) : field;
  return podPointer + (special(path, value, podAsJson(pod)) ?? pointerOfField(path));
}

function special(path: string, value: JsonValue, pod: JsonObject): string | undefined {
  const namespace = HOST_NAMESPACES.exec(path)?.[1];
  if (namespace !== undefined) return `/spec/${namespace}`;
  const port = HOST_PORT.exec(path);
  if (port !== null) return hostPortPointer(pod, port[2] ?? '', Number(port[3]), value);
  // Of runAsGroup Kubernetes reports the context that should have it; nothing else is reported so.
  if (SECURITY_CONTEXT.test(path)) return `${pointerOfField(path)}/runAsGroup`;
  if (path.startsWith('spec.volumes[')) return volumePointer(path);
  if (path === SECCOMP_POD) return seccompPodPointer(path, pod);
  const container = SECCOMP_CONTAINER.exec(path)?.[1];
  return container === undefined ? undefined : seccompContainerPointer(path, pod, container);
}

function hostPortPointer(pod: JsonObject, list: string, index: number, value: JsonValue): string {
  const base = `/spec/${list}/${index}/ports`;
  const containers = member(objectAt(pod, 'spec') ?? {}, list);
  const container = isList(containers) ? containers[index] : undefined;
  const ports = isObject(container) ? member(container, 'ports') : undefined;
  if (!isList(ports)) return base;
  for (const name of ['hostPort', 'containerPort']) {
    const found = ports.findIndex((port) => isObject(port) && member(port, name) === value);
    // A container's port becomes its host port on a pod of the host's network.
    if (found >= 0) return `${base}/${found}/${name}`;
  }
  return base;
}

function volumePointer(path: string): string {
  return pointerOfField(path)
    .replace(/^(\/spec\/volumes\/\d+)\/driver$/, '$1/flexVolume/driver')
    .replace(/\/hostPath\/pathPrefix$/, '/hostPath/path');
}

/** The profile comes from the annotation, else from the field. */
function seccompPodPointer(path: string, pod: JsonObject): string {
  if (hasAnnotation(pod, path)) return pointerOfField(path);
  const context = objectAt(pod, 'spec', 'securityContext') ?? {};
  return isObject(member(context, 'seccompProfile'))
    ? '/spec/securityContext/seccompProfile'
    : pointerOfField(path);
}

/** The profile comes from the container's field, else its annotation, else the pod's field, else its annotation. */
function seccompContainerPointer(path: string, pod: JsonObject, name: string): string {
  for (const list of CONTAINER_LISTS) {
    const containers = member(objectAt(pod, 'spec') ?? {}, list);
    const index = isList(containers)
      ? containers.findIndex((each) => isObject(each) && each['name'] === name)
      : -1;
    if (index < 0 || !isList(containers)) continue;
    const context = objectAt(containers[index], 'securityContext') ?? {};
    if (isObject(member(context, 'seccompProfile')))
      return `/spec/${list}/${index}/securityContext/seccompProfile`;
  }
  if (hasAnnotation(pod, path)) return pointerOfField(path);
  const context = objectAt(pod, 'spec', 'securityContext') ?? {};
  if (isObject(member(context, 'seccompProfile'))) return '/spec/securityContext/seccompProfile';
  return pointerOfField(hasAnnotation(pod, SECCOMP_POD) ? SECCOMP_POD : path);
}

function hasAnnotation(pod: JsonObject, path: string): boolean {
  const key = path.slice('metadata.annotations['.length, -1);
  return Object.hasOwn(objectAt(pod, 'metadata', 'annotations') ?? {}, key);
}

/**
 * A field path as a JSON Pointer, taken literally: `spec.containers[0].image` → `/spec/containers/0/image`. The key in
 * the brackets of an annotation or label may hold any character.
 */
export function pointerOfField(path: string): string {
  return steps(path)
    .map((step) => pointerToken('name' in step ? step.name : step.bracket))
    .join('');
}

function steps(path: string): Step[] {
  const annotations = /^(metadata\.\w+)\[(.*)\]$/.exec(path);
  if (annotations !== null) return [...steps(annotations[1] ?? ''), { bracket: annotations[2] ?? '' }];
  return [...path.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)].map(([, name, bracket]) =>
    name === undefined ? { bracket: bracket ?? '' } : { name },
  );
}
