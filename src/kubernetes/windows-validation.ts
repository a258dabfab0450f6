import { type JsonObject, member, objectAt, textMember } from './json-value.js';

/** Fields of a Linux pod's security context; `spec.os.name: windows` forbids them (Kubernetes 1.24 and later). */
const POD_FIELDS = [
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
];
const HOST_NAMESPACES = ['hostPID', 'hostIPC', 'shareProcessNamespace'];
const CONTAINER_FIELDS = [
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];

/** What the API refuses in a pod that says it is for Windows: a policy's defaults may have put it there. */
export function windowsWarnings(
  spec: JsonObject,
  containers: readonly { readonly container: JsonObject; readonly path: string }[],
): string[] {
  const os = textMember(objectAt(spec, 'os'), 'name');
  if (os !== 'windows') return [];
  return [
    ...present(spec, HOST_NAMESPACES, 'spec'),
    ...present(objectAt(spec, 'securityContext') ?? {}, POD_FIELDS, 'spec.securityContext'),
    ...containers.flatMap(({ container, path }) =>
      present(objectAt(container, 'securityContext') ?? {}, CONTAINER_FIELDS, `${path}.securityContext`),
    ),
  ];
}

function present(object: JsonObject, fields: readonly string[], path: string): string[] {
  return fields
    .filter((field) => (member(object, field) ?? null) !== null)
    .filter((field) => !HOST_NAMESPACES.includes(field) || member(object, field) === true)
    .map((field) => `${path}.${field}: Forbidden: cannot be set for a windows pod`);
}
