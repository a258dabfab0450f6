import type { Int64 } from './json.js';
import type { Capabilities, Container, Optional, PodSpec, SecurityContext, VolumeMount } from './pod.js';
import { hostPortOf } from './pod-defaults.js';
import type { PodView } from './pod-view.js';
import {
  NO_CONTEXT,
  present,
  profileAnnotation,
  type SELinuxLabel,
  seLinuxLabel,
} from './security-context.js';

/** Where a container stands in a pod. */
export type ContainerList = 'initContainers' | 'containers' | 'ephemeralContainers';

const NONE: readonly never[] = Object.freeze([]);

/**
 * One container as the controls see it, with what it inherits from its pod. Each member of the submitted container is
 * read here, once a pod, however many rules ask for it.
 */
export class ContainerView {
  readonly list: ContainerList;
  readonly index: number;
  /** Position among all containers of the pod. */
  readonly position: number;
  readonly source: Container;
  readonly name: string;
  readonly privileged: boolean;
  /** A Windows host process container. */
  readonly hostProcess: boolean;
  readonly allowPrivilegeEscalation: boolean | undefined;
  readonly readOnlyRootFilesystem: boolean | undefined;
  readonly procMount: string | undefined;
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  /** Effective: the container's own, else the pod's. */
  readonly runAsUser: Int64 | undefined;
  readonly runAsGroup: Int64 | undefined;
  readonly runAsNonRoot: boolean | undefined;
  /** Host ports that the container occupies, those included that hostNetwork makes of its container ports. */
  readonly hostPorts: readonly number[];
  /** The container's own seccomp profile: its field, else its annotation even when empty; absent: the pod's counts. */
  readonly seccomp: string | undefined;
  /** The container's AppArmor annotation; empty: none. */
  readonly appArmorAnnotation: string;
  /** The AppArmor profile of the field; the pod's only where the container has neither field nor annotation. */
  readonly appArmorField: string | undefined;
  readonly #pod: PodView;
  readonly #context: SecurityContext;
  #path: string | undefined;

  constructor(pod: PodView, list: ContainerList, index: number, position: number, source: Container) {
    const context = source.securityContext ?? NO_CONTEXT;
    const inherited = pod.context;
    this.list = list;
    this.index = index;
    this.position = position;
    this.source = source;
    this.name = source.name ?? '';
    this.privileged = context.privileged === true;
    this.hostProcess = context.windowsOptions?.hostProcess === true;
    this.allowPrivilegeEscalation = present(context.allowPrivilegeEscalation);
    this.readOnlyRootFilesystem = present(context.readOnlyRootFilesystem);
    this.procMount = present(context.procMount);
    const capabilities: Optional<Capabilities> = context.capabilities;
    this.added = capabilities?.add ?? NONE;
    this.dropped = capabilities?.drop ?? NONE;
    this.runAsUser = present(context.runAsUser ?? inherited.runAsUser);
    this.runAsGroup = present(context.runAsGroup ?? inherited.runAsGroup);
    this.runAsNonRoot = present(context.runAsNonRoot ?? inherited.runAsNonRoot);
    this.hostPorts = hostPortsOf(source, list, pod.spec);
    this.seccomp = profileAnnotation(context.seccompProfile) ?? pod.containerAnnotation('seccomp', this.name);
    this.appArmorAnnotation = pod.containerAnnotation('apparmor', this.name) ?? '';
    const appArmor =
      context.appArmorProfile ?? (this.appArmorAnnotation === '' ? inherited.appArmorProfile : null);
    this.appArmorField = profileAnnotation(appArmor);
    this.#pod = pod;
    this.#context = context;
    this.#path = undefined;
  }

  /** `spec.containers[0]` */
  get path(): string {
    this.#path ??= `spec.${this.list}[${this.index}]`;
    return this.#path;
  }

  /** `spec.containers[0].securityContext` */
  get contextPath(): string {
    return `${this.path}.securityContext`;
  }

  /** Effective: the container's own options as a whole, else the pod's. */
  get seLinux(): SELinuxLabel | undefined {
    const own = this.#context.seLinuxOptions;
    return own === undefined || own === null ? this.#pod.seLinux : seLinuxLabel(own);
  }

  get volumeMounts(): readonly VolumeMount[] {
    return this.source.volumeMounts ?? NONE;
  }
}

function hostPortsOf(source: Container, list: ContainerList, spec: PodSpec): readonly number[] {
  const ports = source.ports ?? NONE;
  let found: number[] | null = null;
  for (const port of ports) {
    const hostPort = hostPortOf(port, list, spec);
    if (hostPort > 0) {
      if (found === null) found = [hostPort];
      else found.push(hostPort);
    }
  }
  return found ?? NONE;
}
