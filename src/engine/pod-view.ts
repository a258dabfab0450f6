import { type ContainerList, type ContainerView, type Inherited, viewContainer } from './containers.js';
import type { Int64 } from './json.js';
import { DistinctNames } from './names.js';
import type { Container, Optional, Pod, PodSpec, SELinuxOptions, Sysctl } from './pod.js';
import { NO_CONTEXT, present, profileAnnotation } from './security-context.js';
import { type VolumesView, viewVolumes } from './volumes.js';

/** The pod's own seccomp annotation. */
export const SECCOMP_KEY = 'seccomp.security.alpha.kubernetes.io/pod';

type Annotations = Readonly<Record<string, string>>;

const NO_ANNOTATIONS: Annotations = Object.freeze({});
const NO_SPEC: PodSpec = Object.freeze({});
const NONE: readonly never[] = [];

/**
 * A pod as the controls see it: read once from the submitted JSON, never written to. What the rules ask for is there
 * in one shape, whatever the pod leaves out.
 */
export interface PodView {
  readonly annotations: Annotations;
  readonly hostNetwork: boolean;
  readonly hostPID: boolean;
  readonly hostIPC: boolean;
  readonly runtimeClassName: string | undefined;
  readonly fsGroup: Int64 | undefined;
  readonly supplementalGroups: readonly Int64[] | undefined;
  /** Whether the pod's own context makes it a Windows host process pod. */
  readonly hostProcess: boolean;
  /** Every container: init containers, containers, ephemeral containers. Defaults are filled in for all of them. */
  readonly containers: readonly ContainerView[];
  /** Those that are judged: all, but without the gate not the ephemeral ones. */
  readonly judged: readonly ContainerView[];
  /** What any of those asks for. */
  readonly asked: Asked;
  readonly volumes: VolumesView;
  readonly sysctls: readonly Sysctl[];
  readonly seLinux: SELinuxOptions | undefined;
  /** The pod's seccomp annotation; empty: none. */
  readonly seccompAnnotation: string;
  /** The annotation's form of the pod's seccompProfile, which may be empty; absent: no field. */
  readonly seccompField: string | undefined;
}

/** What containers ask for that most don't: where none does, the controls need not look at them one by one. */
interface Asked {
  /** Capabilities to add, each once. */
  readonly capabilities: readonly string[];
  readonly privileged: boolean;
  readonly escalation: boolean;
  readonly writableRoot: boolean;
  readonly hostPorts: boolean;
}

/** Reads a pod. With `judgeEphemeral` ephemeral containers are judged like others. */
export function viewPod(pod: Pod, judgeEphemeral: boolean): PodView {
  const spec = pod.spec ?? NO_SPEC;
  const annotations = pod.metadata?.annotations ?? NO_ANNOTATIONS;
  const context = spec.securityContext ?? NO_CONTEXT;
  const seLinux = present(context.seLinuxOptions);
  const containerAnnotations = hasContainerAnnotations(annotations) ? annotations : null;
  const hostNetwork = spec.hostNetwork === true;
  const inherited: Inherited = {
    hostNetwork,
    runAsUser: present(context.runAsUser),
    runAsGroup: present(context.runAsGroup),
    runAsNonRoot: present(context.runAsNonRoot),
    seLinux,
    appArmor: profileAnnotation(context.appArmorProfile),
    containerAnnotations,
  };
  const init = viewContainers(inherited, 'initContainers', spec.initContainers, 0);
  const main = viewContainers(inherited, 'containers', spec.containers, init.length);
  const lasting = init.length === 0 ? main : init.concat(main);
  const ephemeral = viewContainers(
    inherited,
    'ephemeralContainers',
    spec.ephemeralContainers,
    lasting.length,
  );
  const containers = ephemeral.length === 0 ? lasting : lasting.concat(ephemeral);
  const judged = judgeEphemeral ? containers : lasting;
  return {
    annotations,
    hostNetwork,
    hostPID: spec.hostPID === true,
    hostIPC: spec.hostIPC === true,
    runtimeClassName: present(spec.runtimeClassName),
    fsGroup: present(context.fsGroup),
    supplementalGroups: present(context.supplementalGroups),
    hostProcess: context.windowsOptions?.hostProcess === true,
    containers,
    judged,
    asked: askedBy(judged),
    volumes: viewVolumes(spec.volumes),
    sysctls: context.sysctls ?? NONE,
    seLinux,
    seccompAnnotation: annotations[SECCOMP_KEY] ?? '',
    seccompField: profileAnnotation(context.seccompProfile),
  };
}

function viewContainers(
  pod: Inherited,
  list: ContainerList,
  sources: Optional<readonly Container[]>,
  position: number,
): readonly ContainerView[] {
  if (sources === undefined || sources === null) return NONE;
  return sources.map((source, index) => viewContainer(pod, list, index, position + index, source ?? {}));
}

function askedBy(containers: readonly ContainerView[]): Asked {
  let capabilities: DistinctNames | null = null;
  let privileged = false;
  let escalation = false;
  let writableRoot = false;
  let hostPorts = false;
  for (const container of containers) {
    if (container.privileged || container.hostProcess) privileged = true;
    if (container.allowPrivilegeEscalation === true) escalation = true;
    if (container.readOnlyRootFilesystem === false) writableRoot = true;
    if (container.hostPorts.length > 0) hostPorts = true;
    for (const capability of container.added) {
      capabilities ??= new DistinctNames();
      capabilities.add(capability);
    }
  }
  return { capabilities: capabilities?.list ?? NONE, privileged, escalation, writableRoot, hostPorts };
}

function hasContainerAnnotations(annotations: Annotations): boolean {
  for (const key in annotations) {
    if (key.startsWith('container.')) return true;
  }
  return false;
}
