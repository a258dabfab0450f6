import type { Pod } from '../engine/index.js';
import {
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  objectAt,
  textMember,
  podAsJson,
} from './json-value.js';
import { windowsWarnings } from './windows-validation.js';

/** A list of containers in a pod's spec, in the order in which Kubernetes treats them. */
const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;
const LARGEST_ID = 2_147_483_647;
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const APPARMOR_CONTAINER = 'container.apparmor.security.beta.kubernetes.io/';

interface ContainerAt {
  readonly container: JsonObject;
  readonly path: string;
  readonly name: string;
}

/**
 * Why the API server would refuse a pod that a policy admits: its own validation comes after admission, and a policy's
 * defaults can even cause what it refuses. Only rules that touch what policies decide about, with the API's words; an
 * empty list doesn't promise that the API takes the pod.
 * @param admitted the admitted pod (or template), the policy's changes applied; its types are right
 * @param podPath where the pod stands in the submitted object, put before each path
 */
export function apiWarnings(admitted: Pod | JsonObject, podPath = ''): string[] {
  const pod = podAsJson(admitted);
  const spec = objectAt(pod, 'spec') ?? {};
  const annotations = objectAt(pod, 'metadata', 'annotations') ?? {};
  const containers = CONTAINER_LISTS.flatMap((list) => containersOf(spec, list));
  const warnings = [
    ...duplicates(containers.map(({ name, path }) => ({ name, path }))),
    ...containers.flatMap((each) => [
      ...imageWarnings(each),
      ...contextWarnings(each),
      ...portWarnings(each, spec),
    ]),
    ...ephemeralWarnings(spec),
    ...volumeWarnings(spec, containers),
    ...namespaceWarnings(spec),
    ...idWarnings(objectAt(spec, 'securityContext') ?? {}, 'spec.securityContext'),
    ...seccompWarnings(spec, annotations, containers),
    ...appArmorWarnings(annotations, containers),
    ...windowsWarnings(spec, containers),
  ];
  return podPath === '' ? warnings : warnings.map((warning) => `${podPath}.${warning}`);
}

function containersOf(spec: JsonObject, list: string): ContainerAt[] {
  return objectsOf(spec, list).map((container, index) => {
    return { container, path: `spec.${list}[${index}]`, name: textMember(container, 'name') ?? '' };
  });
}

function objectsOf(object: JsonObject, key: string): JsonObject[] {
  const value = member(object, key);
  return isList(value) ? value.map((each) => (isObject(each) ? each : {})) : [];
}

function duplicates(named: readonly { readonly name: string; readonly path: string }[]): string[] {
  const seen = new Set<string>();
  return named.flatMap(({ name, path }) => {
    if (name !== '' && seen.has(name)) return [`${path}.name: Duplicate value: ${JSON.stringify(name)}`];
    seen.add(name);
    return [];
  });
}

function imageWarnings({ container, path }: ContainerAt): string[] {
  return textMember(container, 'image') ? [] : [`${path}.image: Required value`];
}

function contextWarnings({ container, path }: ContainerAt): string[] {
  const context = objectAt(container, 'securityContext');
  if (context === undefined) return [];
  const at = `${path}.securityContext`;
  const warnings = idWarnings(context, at);
  if (member(context, 'allowPrivilegeEscalation') !== false) return warnings;
  if (member(context, 'privileged') === true) {
    warnings.push(
      `${at}: Invalid value: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
    );
  }
  const added = member(objectAt(context, 'capabilities') ?? {}, 'add');
  if (isList(added) && added.includes('CAP_SYS_ADMIN')) {
    warnings.push(
      `${at}: Invalid value: cannot set \`allowPrivilegeEscalation\` to false and \`capabilities.Add\` CAP_SYS_ADMIN`,
    );
  }
  return warnings;
}

function idWarnings(context: JsonObject, at: string): string[] {
  const groups = member(context, 'supplementalGroups');
  const ids: (readonly [string, JsonValue | undefined])[] = [
    ...['runAsUser', 'runAsGroup', 'fsGroup'].map((key) => [`${at}.${key}`, member(context, key)] as const),
    ...(isList(groups) ? groups : []).map((id, index) => [`${at}.supplementalGroups[${index}]`, id] as const),
  ];
  return ids.flatMap(([path, id]) => {
    if (typeof id !== 'number' && typeof id !== 'bigint') return [];
    const isId = id >= 0 && id <= LARGEST_ID;
    return isId ? [] : [`${path}: Invalid value: ${id}: must be between 0 and ${LARGEST_ID}, inclusive`];
  });
}

function portWarnings({ container, path }: ContainerAt, spec: JsonObject): string[] {
  if (member(spec, 'hostNetwork') !== true) return [];
  return objectsOf(container, 'ports').flatMap((port, index) => {
    const hostPort = member(port, 'hostPort') ?? 0;
    if (typeof hostPort !== 'number' || hostPort === 0 || hostPort === member(port, 'containerPort'))
      return [];
    const message = 'must match `containerPort` when `hostNetwork` is true';
    return [`${path}.ports[${index}].hostPort: Invalid value: ${hostPort}: ${message}`];
  });
}

function ephemeralWarnings(spec: JsonObject): string[] {
  if (objectsOf(spec, 'ephemeralContainers').length === 0) return [];
  return ['spec.ephemeralContainers: Forbidden: cannot be set on create'];
}

function volumeWarnings(spec: JsonObject, containers: readonly ContainerAt[]): string[] {
  const volumes = objectsOf(spec, 'volumes').map((volume, index) => {
    return { volume, path: `spec.volumes[${index}]`, name: textMember(volume, 'name') ?? '' };
  });
  const names = new Set(volumes.map(({ name }) => name));
  return [
    ...duplicates(volumes),
    ...volumes.flatMap(({ volume, path }) => sourceWarnings(volume, path)),
    ...containers.flatMap(({ container, path }) =>
      objectsOf(container, 'volumeMounts').flatMap((mount, index) => {
        const name = textMember(mount, 'name') ?? '';
        return names.has(name)
          ? []
          : [`${path}.volumeMounts[${index}].name: Not found: ${JSON.stringify(name)}`];
      }),
    ),
  ];
}

function sourceWarnings(volume: JsonObject, path: string): string[] {
  const sources = Object.keys(volume).filter((key) => key !== 'name' && isObject(member(volume, key)));
  const warnings = sources
    .slice(1)
    .map((source) => `${path}.${source}: Forbidden: may not specify more than 1 volume type`);
  const hostPath = textMember(objectAt(volume, 'hostPath'), 'path');
  if (hostPath?.split('/').includes('..') === true) {
    warnings.push(`${path}.hostPath.path: Invalid value: ${JSON.stringify(hostPath)}: must not contain '..'`);
  }
  return warnings;
}

function namespaceWarnings(spec: JsonObject): string[] {
  if (member(spec, 'shareProcessNamespace') !== true || member(spec, 'hostPID') !== true) return [];
  return [
    'spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
  ];
}

/** Field and annotation may both be set only where they say the same. */
function seccompWarnings(
  spec: JsonObject,
  annotations: JsonObject,
  containers: readonly ContainerAt[],
): string[] {
  const pod = seccompWarning(objectAt(spec, 'securityContext'), textMember(annotations, SECCOMP_POD), 'spec');
  const each = containers.flatMap(({ container, path, name }) =>
    seccompWarning(
      objectAt(container, 'securityContext'),
      textMember(annotations, SECCOMP_CONTAINER + name),
      path,
    ),
  );
  return [...pod, ...each];
}

function seccompWarning(
  context: JsonObject | undefined,
  annotation: string | undefined,
  path: string,
): string[] {
  const profile = context === undefined ? undefined : objectAt(context, 'seccompProfile');
  if (profile === undefined || annotation === undefined) return [];
  if (seccompAnnotation(profile).includes(annotation)) return [];
  const message = 'seccomp type in annotation and field must match';
  return [`${path}.securityContext.seccompProfile.type: Forbidden: ${message}`];
}

/** The annotation values that say the same as a profile field. */
function seccompAnnotation(profile: JsonObject): readonly string[] {
  switch (textMember(profile, 'type')) {
    case 'Unconfined':
      return ['unconfined'];
    case 'RuntimeDefault':
      return ['runtime/default', 'docker/default'];
    case 'Localhost':
      return [`localhost/${textMember(profile, 'localhostProfile') ?? ''}`];
    default:
      return [];
  }
}

function appArmorWarnings(annotations: JsonObject, containers: readonly ContainerAt[]): string[] {
  const names = new Set(containers.map(({ name }) => name));
  return Object.entries(annotations).flatMap(([key, profile]) => {
    if (!key.startsWith(APPARMOR_CONTAINER)) return [];
    const name = key.slice(APPARMOR_CONTAINER.length);
    const at = `metadata.annotations[${key}]: Invalid value:`;
    if (!names.has(name)) return [`${at} ${JSON.stringify(name)}: container not found`];
    const isKnown =
      typeof profile === 'string' && /^$|^runtime\/default$|^unconfined$|^localhost\//.test(profile);
    return isKnown
      ? []
      : [`${at} ${JSON.stringify(profile)}: invalid AppArmor profile name: ${JSON.stringify(profile)}`];
  });
}
