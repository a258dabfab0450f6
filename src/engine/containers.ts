import type { Int64 } from './json.js';
import type {
  Container,
  ContainerPort,
  Pod,
  PodSecurityContext,
  PodSpec,
  SecurityContext,
  Volume,
} from './pod.js';
import { NO_CONTEXT, present } from './security-context.js';
import { volumeType } from './volume-type.js';

/** The three lists of containers, in the order in which admission fills them in and judges them. */
const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Where a container stands in a pod. */
export type ContainerList = (typeof CONTAINER_LISTS)[number];

/** No annotations, no containers, no volumes: shared, so that absence allocates nothing. */
const NO_ANNOTATIONS: Readonly<Record<string, string>> = Object.freeze({});
const NO_SPEC: PodSpec = Object.freeze({});
const NO_PORTS: readonly ContainerPort[] = Object.freeze([]);
const NO_VOLUMES: readonly Volume[] = Object.freeze([]);

/** One container as the controls see it, with what it inherits from its pod. Made once a pod. */
export class ContainerView {
  readonly list: ContainerList;
  readonly index: number;
  /** Position among all containers of the pod. */
  readonly position: number;
  readonly name: string;
  readonly source: Container;
  readonly context: SecurityContext;
  /** Effective: the container's own, else the pod's. Absent stays absent. */
  readonly runAsUser: Int64 | undefined;
  readonly runAsGroup: Int64 | undefined;
  readonly runAsNonRoot: boolean | undefined;
  readonly ports: readonly ContainerPort[];

  constructor(
    list: ContainerList,
    index: number,
    position: number,
    source: Container,
    pod: PodSecurityContext,
  ) {
    const context = source.securityContext ?? NO_CONTEXT;
    this.list = list;
    this.index = index;
    this.position = position;
    this.name = source.name ?? '';
    this.source = source;
    this.context = context;
    this.runAsUser = present(context.runAsUser ?? pod.runAsUser);
    this.runAsGroup = present(context.runAsGroup ?? pod.runAsGroup);
    this.runAsNonRoot = present(context.runAsNonRoot ?? pod.runAsNonRoot);
    this.ports = source.ports ?? NO_PORTS;
  }

  /** `spec.containers[0]` */
  get path(): string {
    return `spec.${this.list}[${this.index}]`;
  }

  /** `spec.containers[0].securityContext` */
  get contextPath(): string {
    return `spec.${this.list}[${this.index}].securityContext`;
  }
}

/** A pod as the controls see it: read once from the submitted JSON, never written to. */
export class PodView {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  readonly context: PodSecurityContext;
  readonly volumes: readonly Volume[];
  /** Every container: init containers, containers, ephemeral containers. Defaults are filled in for all of them. */
  readonly containers: readonly ContainerView[];
  /** Those that are judged: all, but without the gate not the ephemeral ones. */
  readonly judged: readonly ContainerView[];

  #volumeTypes: readonly string[] | null = null;

  constructor(pod: Pod, judgeEphemeral: boolean) {
    this.annotations = pod.metadata?.annotations ?? NO_ANNOTATIONS;
    this.spec = pod.spec ?? NO_SPEC;
    this.context = this.spec.securityContext ?? NO_CONTEXT;
    this.volumes = this.spec.volumes ?? NO_VOLUMES;
    const containers: ContainerView[] = [];
    addContainers(containers, 'initContainers', this.spec.initContainers, this.context);
    addContainers(containers, 'containers', this.spec.containers, this.context);
    const withoutEphemeral = containers.length;
    addContainers(containers, 'ephemeralContainers', this.spec.ephemeralContainers, this.context);
    this.containers = containers;
    this.judged =
      judgeEphemeral || containers.length === withoutEphemeral
        ? containers
        : containers.slice(0, withoutEphemeral);
  }

  /** The type of each volume, by the names that policies have for them. */
  get volumeTypes(): readonly string[] {
    this.#volumeTypes ??= this.volumes.map((volume) => volumeType(volume ?? {}));
    return this.#volumeTypes;
  }
}

function addContainers(
  views: ContainerView[],
  list: ContainerList,
  sources: readonly Container[] | null | undefined,
  context: PodSecurityContext,
): void {
  if (sources === undefined || sources === null) return;
  for (let i = 0; i < sources.length; i++) {
    views.push(new ContainerView(list, i, views.length, sources[i] ?? {}, context));
  }
}
