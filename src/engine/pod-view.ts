import { type ContainerList, ContainerView } from './containers.js';
import type { Container, Optional, Pod, PodSecurityContext, PodSpec, Sysctl } from './pod.js';
import { NO_CONTEXT, profileAnnotation, type SELinuxLabel, seLinuxLabel } from './security-context.js';
import { VolumeView } from './volumes.js';

/** The pod's own seccomp annotation. */
export const SECCOMP_KEY = 'seccomp.security.alpha.kubernetes.io/pod';

/** What a container's annotations begin with; its name follows. */
export const CONTAINER_PREFIX = {
  seccomp: 'container.seccomp.security.alpha.kubernetes.io/',
  apparmor: 'container.apparmor.security.beta.kubernetes.io/',
} as const;

type Annotations = Readonly<Record<string, string>>;

const NO_ANNOTATIONS: Annotations = Object.freeze({});
const NO_SPEC: PodSpec = Object.freeze({});
const NONE: readonly never[] = Object.freeze([]);

/**
 * A pod as the controls see it: read once from the submitted JSON, never written to. What every rule asks for is there
 * in one shape, whatever the pod leaves out.
 */
export class PodView {
  readonly pod: Pod;
  readonly annotations: Annotations;
  readonly spec: PodSpec;
  readonly context: PodSecurityContext;
  /** Every container: init containers, containers, ephemeral containers. Defaults are filled in for all of them. */
  readonly containers: readonly ContainerView[];
  /** Those that are judged: all, but without the gate not the ephemeral ones. */
  readonly judged: readonly ContainerView[];
  readonly sysctls: readonly Sysctl[];
  /** The pod's seccomp annotation; empty: none. */
  readonly seccompAnnotation: string;
  /** The annotation's form of the pod's seccompProfile, which may be empty; absent: no field. */
  readonly seccompField: string | undefined;
  readonly #hasContainerAnnotations: boolean;
  #volumes: readonly VolumeView[] | undefined;
  #seLinux: SELinuxLabel | undefined;

  constructor(pod: Pod, judgeEphemeral: boolean) {
    const spec = pod.spec ?? NO_SPEC;
    this.pod = pod;
    this.annotations = pod.metadata?.annotations ?? NO_ANNOTATIONS;
    this.spec = spec;
    this.context = spec.securityContext ?? NO_CONTEXT;
    this.sysctls = this.context.sysctls ?? NONE;
    this.seccompAnnotation = this.annotations[SECCOMP_KEY] ?? '';
    this.seccompField = profileAnnotation(this.context.seccompProfile);
    this.#hasContainerAnnotations = hasContainerAnnotations(this.annotations);
    this.#volumes = undefined;
    this.#seLinux = undefined;
    const containers: ContainerView[] = [];
    this.#view(containers, 'initContainers', spec.initContainers);
    this.#view(containers, 'containers', spec.containers);
    const judged = containers.length;
    this.#view(containers, 'ephemeralContainers', spec.ephemeralContainers);
    this.containers = containers;
    this.judged = judgeEphemeral || containers.length === judged ? containers : containers.slice(0, judged);
  }

  #view(containers: ContainerView[], list: ContainerList, sources: Optional<readonly Container[]>): void {
    if (sources === undefined || sources === null) return;
    for (let i = 0; i < sources.length; i++) {
      containers.push(new ContainerView(this, list, i, containers.length, sources[i] ?? {}));
    }
  }

  get volumes(): readonly VolumeView[] {
    this.#volumes ??= (this.spec.volumes ?? NONE).map((volume, i) => new VolumeView(i, volume ?? {}));
    return this.#volumes;
  }

  get seLinux(): SELinuxLabel | undefined {
    const options = this.context.seLinuxOptions;
    if (options === undefined || options === null) return undefined;
    this.#seLinux ??= seLinuxLabel(options);
    return this.#seLinux;
  }

  /** A container's annotation; absent stays absent. */
  containerAnnotation(kind: keyof typeof CONTAINER_PREFIX, container: string): string | undefined {
    // Most pods have none: then no key has to be put together.
    return this.#hasContainerAnnotations ? this.annotations[CONTAINER_PREFIX[kind] + container] : undefined;
  }
}

function hasContainerAnnotations(annotations: Annotations): boolean {
  for (const key in annotations) {
    if (key.startsWith('container.')) return true;
  }
  return false;
}
