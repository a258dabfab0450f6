import type { Int64 } from './json.js';
import type { Container, Optional, SecurityContext, SELinuxOptions } from './pod.js';
import { hostPortOf } from './pod-defaults.js';
import { NO_CONTEXT, present, profileAnnotation } from './security-context.js';

/** Where a container stands in a pod. */
export type ContainerList = 'initContainers' | 'containers' | 'ephemeralContainers';

/**
 * One container as the controls see it: what they ask of its securityContext, the pod's and the API's defaulting. Pods
 * come in many shapes and are slow to read; this has one, and is made once a pod, however many rules ask for it.
 */
export interface ContainerView {
  readonly list: ContainerList;
  readonly index: number;
  /** Position among all containers of the pod. */
  readonly position: number;
  readonly source: Container;
  readonly name: string;
  readonly privileged: boolean;
  /** Windows' kind of privileged. */
  readonly hostProcess: boolean;
  readonly allowPrivilegeEscalation: boolean | undefined;
  readonly readOnlyRootFilesystem: boolean | undefined;
  readonly procMount: string;
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  /** Effective: the container's own, else the pod's. */
  readonly runAsUser: Int64 | undefined;
  readonly runAsGroup: Int64 | undefined;
  readonly runAsNonRoot: boolean | undefined;
  /** Effective: the container's own options as a whole, else the pod's. */
  readonly seLinux: SELinuxOptions | undefined;
  /** Host ports that the container occupies, those included that hostNetwork makes of its container ports. */
  readonly hostPorts: readonly number[];
  /** The container's own seccomp profile: its field, else its annotation even when empty; absent: the pod's counts. */
  readonly seccomp: string | undefined;
  /** The container's AppArmor annotation; empty: none. */
  readonly appArmorAnnotation: string;
  /** The AppArmor profile of the field; the pod's only where the container has neither field nor annotation. */
  readonly appArmorField: string | undefined;
}

/** What containers inherit. */
export interface Inherited {
  readonly hostNetwork: boolean;
  readonly runAsUser: Int64 | undefined;
  readonly runAsGroup: Int64 | undefined;
  readonly runAsNonRoot: boolean | undefined;
  readonly seLinux: SELinuxOptions | undefined;
  /** The annotation's form of the pod's appArmorProfile, which may be empty; absent: no field. */
  readonly appArmor: string | undefined;
  /** The pod's annotations if any of them is one container's; most pods have none, and then no key is put together. */
  readonly containerAnnotations: Readonly<Record<string, string>> | null;
}

/** What a container's annotations begin with; its name follows. */
export const SECCOMP_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/';
/** Of the annotations that name a container's AppArmor profile; the container's name follows. */
export const APPARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';

const NONE: readonly never[] = [];

/** Reads a container. */
export function viewContainer(
  pod: Inherited,
  list: ContainerList,
  index: number,
  position: number,
  source: Container,
): ContainerView {
  const name = source.name ?? '';
  const context: SecurityContext = source.securityContext ?? NO_CONTEXT;
  const { containerAnnotations: annotations } = pod;
  const { capabilities } = context;
  const seccompAnnotation = annotations === null ? undefined : annotations[SECCOMP_PREFIX + name];
  const appArmorAnnotation = annotations === null ? '' : (annotations[APPARMOR_PREFIX + name] ?? '');
  const inheritedAppArmor = appArmorAnnotation === '' ? pod.appArmor : undefined;
  return {
    list,
    index,
    position,
    source,
    name,
    privileged: context.privileged === true,
    hostProcess: context.windowsOptions?.hostProcess === true,
    allowPrivilegeEscalation: present(context.allowPrivilegeEscalation),
    readOnlyRootFilesystem: present(context.readOnlyRootFilesystem),
    procMount: context.procMount ?? 'Default',
    added: capabilities?.add ?? NONE,
    dropped: capabilities?.drop ?? NONE,
    runAsUser: context.runAsUser ?? pod.runAsUser,
    runAsGroup: context.runAsGroup ?? pod.runAsGroup,
    runAsNonRoot: context.runAsNonRoot ?? pod.runAsNonRoot,
    seLinux: context.seLinuxOptions ?? pod.seLinux,
    hostPorts: hostPortsOf(source.ports, list, pod.hostNetwork),
    seccomp: profileAnnotation(context.seccompProfile) ?? seccompAnnotation,
    appArmorAnnotation,
    appArmorField: profileAnnotation(context.appArmorProfile) ?? inheritedAppArmor,
  };
}

/** How many containers of each list have their paths ready. */
const READY = 16;

/** The path of something in a container, e.g. of `hostPort` `spec.containers[0].hostPort`. */
export function containerField(member: string): (container: ContainerView) => string {
  return readyPaths((list, index) => `spec.${list}[${index}].${member}`);
}

/** The RFC 6901 pointer to something in a container, e.g. of `name` `/spec/containers/0/name`. */
export function containerPointer(member: string): (container: ContainerView) => string {
  return readyPaths((list, index) => `/spec/${list}/${index}/${member}`);
}

/** Paths by container; those of the first are put together in advance, because every violation and change has one. */
function readyPaths(
  path: (list: ContainerList, index: number) => string,
): (container: ContainerView) => string {
  const paths = (list: ContainerList) => Array.from({ length: READY }, (_, index) => path(list, index));
  const ready = {
    initContainers: paths('initContainers'),
    containers: paths('containers'),
    ephemeralContainers: paths('ephemeralContainers'),
  };
  return ({ list, index }) => ready[list][index] ?? path(list, index);
}

function hostPortsOf(
  ports: Optional<Container['ports']>,
  list: ContainerList,
  hostNetwork: boolean,
): readonly number[] {
  if (ports === undefined || ports === null) return NONE;
  let found: number[] | null = null;
  for (const port of ports) {
    const hostPort = hostPortOf(port, list, hostNetwork);
    if (hostPort <= 0) continue;
    if (found === null) found = [hostPort];
    else found.push(hostPort);
  }
  return found ?? NONE;
}
