import { type ContainerList, type ContainerView, type Inherited, viewContainer } from './containers.js';
import type { Container, Optional, Pod, PodSecurityContext, PodSpec, Sysctl } from './pod.js';
import { NO_CONTEXT, profileAnnotation, type SELinuxLabel, seLinuxLabel } from './security-context.js';
import { type VolumeView, viewVolume } from './volumes.js';

/** The pod's own seccomp annotation. */
export const SECCOMP_KEY = 'seccomp.security.alpha.kubernetes.io/pod';

type Annotations = Readonly<Record<string, string>>;

const NO_ANNOTATIONS: Annotations = Object.freeze({});
const NO_SPEC: PodSpec = Object.freeze({});
const NONE: readonly never[] = Object.freeze([]);

/**
 * A pod as the controls see it: read once from the submitted JSON, never written to. What the rules ask for is there
 * in one shape, whatever the pod leaves out.
 */
export interface PodView {
  readonly pod: Pod;
  readonly annotations: Annotations;
  readonly spec: PodSpec;
  readonly context: PodSecurityContext;
  /** Every container: init containers, containers, ephemeral containers. Defaults are filled in for all of them. */
  readonly containers: readonly ContainerView[];
  /** Those that are judged: all, but without the gate not the ephemeral ones. */
  readonly judged: readonly ContainerView[];
  /** Whether any of those adds capabilities, or occupies ports of the host. */
  readonly addsCapabilities: boolean;
  readonly usesHostPorts: boolean;
  readonly volumes: readonly VolumeView[];
  /** Whether any of them mounts a path of the host. */
  readonly usesHostPaths: boolean;
  readonly sysctls: readonly Sysctl[];
  readonly seLinux: SELinuxLabel | undefined;
  /** The pod's seccomp annotation; empty: none. */
  readonly seccompAnnotation: string;
  /** The annotation's form of the pod's seccompProfile, which may be empty; absent: no field. */
  readonly seccompField: string | undefined;
}

/** Reads a pod. With `judgeEphemeral` ephemeral containers are judged like others. */
export function viewPod(pod: Pod, judgeEphemeral: boolean): PodView {
  const spec = pod.spec ?? NO_SPEC;
  const annotations = pod.metadata?.annotations ?? NO_ANNOTATIONS;
  const context = spec.securityContext ?? NO_CONTEXT;
  const { seLinuxOptions } = context;
  const seLinux = seLinuxOptions ? seLinuxLabel(seLinuxOptions) : undefined;
  const containerAnnotations = hasContainerAnnotations(annotations) ? annotations : null;
  const inherited: Inherited = { spec, context, seLinux, containerAnnotations };
  const containers: ContainerView[] = [];
  viewContainers(containers, inherited, 'initContainers', spec.initContainers);
  viewContainers(containers, inherited, 'containers', spec.containers);
  const withoutEphemeral = containers.length;
  viewContainers(containers, inherited, 'ephemeralContainers', spec.ephemeralContainers);
  const judgeAll = judgeEphemeral || containers.length === withoutEphemeral;
  const judged = judgeAll ? containers : containers.slice(0, withoutEphemeral);
  const volumes = spec.volumes?.map((volume, i) => viewVolume(i, volume ?? {})) ?? NONE;
  return {
    pod,
    annotations,
    spec,
    context,
    containers,
    judged,
    addsCapabilities: judged.some(({ added }) => added.length > 0),
    usesHostPorts: judged.some(({ hostPorts }) => hostPorts.length > 0),
    volumes,
    usesHostPaths: volumes.some(({ hostPath }) => hostPath !== undefined),
    sysctls: context.sysctls ?? NONE,
    seLinux,
    seccompAnnotation: annotations[SECCOMP_KEY] ?? '',
    seccompField: profileAnnotation(context.seccompProfile),
  };
}

function viewContainers(
  views: ContainerView[],
  pod: Inherited,
  list: ContainerList,
  sources: Optional<readonly Container[]>,
): void {
  if (sources === undefined || sources === null) return;
  for (let i = 0; i < sources.length; i++) {
    views.push(viewContainer(pod, list, i, views.length, sources[i] ?? {}));
  }
}

function hasContainerAnnotations(annotations: Annotations): boolean {
  for (const key in annotations) {
    if (key.startsWith('container.')) return true;
  }
  return false;
}
