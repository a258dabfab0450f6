import type { Int64 } from './json.js';

/**
 * A member that may be absent. JSON's `null` means absent too, as Kubernetes reads it.
 */
export type Optional<T> = T | null | undefined;

/**
 * A v1 Pod as it was submitted, before or after the API server's own defaulting. Only what the engine reads is
 * declared; other members may be there and are left alone. Types are taken as already checked.
 */
export interface Pod {
  readonly metadata?: Optional<ObjectMeta>;
  readonly spec?: Optional<PodSpec>;
}

/** The part of Kubernetes' ObjectMeta that admission looks at. */
interface ObjectMeta {
  readonly name?: Optional<string>;
  readonly generateName?: Optional<string>;
  readonly namespace?: Optional<string>;
  readonly labels?: Optional<Readonly<Record<string, string>>>;
  readonly annotations?: Optional<Readonly<Record<string, string>>>;
}

/** v1 PodSpec. */
export interface PodSpec {
  readonly hostNetwork?: Optional<boolean>;
  readonly hostPID?: Optional<boolean>;
  readonly hostIPC?: Optional<boolean>;
  readonly runtimeClassName?: Optional<string>;
  readonly serviceAccountName?: Optional<string>;
  readonly serviceAccount?: Optional<string>;
  readonly automountServiceAccountToken?: Optional<boolean>;
  readonly securityContext?: Optional<PodSecurityContext>;
  readonly initContainers?: Optional<readonly Container[]>;
  readonly containers?: Optional<readonly Container[]>;
  readonly ephemeralContainers?: Optional<readonly Container[]>;
  readonly volumes?: Optional<readonly Volume[]>;
  readonly os?: Optional<{ readonly name?: Optional<string> }>;
  readonly resourceClaims?: Optional<readonly unknown[]>;
}

/** v1 PodSecurityContext. */
export interface PodSecurityContext {
  readonly runAsUser?: Optional<Int64>;
  readonly runAsGroup?: Optional<Int64>;
  readonly runAsNonRoot?: Optional<boolean>;
  readonly fsGroup?: Optional<Int64>;
  readonly supplementalGroups?: Optional<readonly Int64[]>;
  readonly seLinuxOptions?: Optional<SELinuxOptions>;
  readonly seccompProfile?: Optional<SecurityProfile>;
  readonly appArmorProfile?: Optional<SecurityProfile>;
  readonly sysctls?: Optional<readonly Sysctl[]>;
  readonly windowsOptions?: Optional<WindowsOptions>;
}

/** v1 SecurityContext of a container. */
export interface SecurityContext {
  readonly privileged?: Optional<boolean>;
  readonly allowPrivilegeEscalation?: Optional<boolean>;
  readonly readOnlyRootFilesystem?: Optional<boolean>;
  readonly runAsUser?: Optional<Int64>;
  readonly runAsGroup?: Optional<Int64>;
  readonly runAsNonRoot?: Optional<boolean>;
  readonly procMount?: Optional<string>;
  readonly capabilities?: Optional<Capabilities>;
  readonly seLinuxOptions?: Optional<SELinuxOptions>;
  readonly seccompProfile?: Optional<SecurityProfile>;
  readonly appArmorProfile?: Optional<SecurityProfile>;
  readonly windowsOptions?: Optional<WindowsOptions>;
}

/** v1 Capabilities: plain strings, compared as they are written. */
interface Capabilities {
  readonly add?: Optional<readonly string[]>;
  readonly drop?: Optional<readonly string[]>;
}

/** v1 SELinuxOptions; an absent member is the empty string. */
export interface SELinuxOptions {
  readonly level?: Optional<string>;
  readonly role?: Optional<string>;
  readonly type?: Optional<string>;
  readonly user?: Optional<string>;
}

/** v1 SeccompProfile and, since 1.30, AppArmorProfile: `RuntimeDefault`, `Unconfined` or `Localhost` with a path. */
export interface SecurityProfile {
  readonly type?: Optional<string>;
  readonly localhostProfile?: Optional<string>;
}

/** The part of v1 WindowsSecurityContextOptions that lifts a container onto its host. */
interface WindowsOptions {
  readonly hostProcess?: Optional<boolean>;
}

/** v1 Sysctl. */
export interface Sysctl {
  readonly name?: Optional<string>;
  readonly value?: Optional<string>;
}

/** v1 Container, init container or ephemeral container. */
export interface Container {
  readonly name?: Optional<string>;
  readonly securityContext?: Optional<SecurityContext>;
  readonly ports?: Optional<readonly ContainerPort[]>;
  readonly volumeMounts?: Optional<readonly VolumeMount[]>;
}

/** v1 ContainerPort. */
export interface ContainerPort {
  readonly containerPort?: Optional<number>;
  readonly hostPort?: Optional<number>;
}

/** v1 VolumeMount. */
interface VolumeMount {
  readonly name?: Optional<string>;
  readonly readOnly?: Optional<boolean>;
}

/** v1 Volume: a name and, of many possible members, one that says where it comes from. */
export interface Volume {
  readonly name?: Optional<string>;
  readonly hostPath?: Optional<{ readonly path?: Optional<string> }>;
  readonly flexVolume?: Optional<{ readonly driver?: Optional<string> }>;
  readonly csi?: Optional<{ readonly driver?: Optional<string> }>;
  readonly projected?: Optional<ProjectedSource>;
}

/** v1 ProjectedVolumeSource. */
export interface ProjectedSource {
  readonly sources?: Optional<readonly VolumeProjection[]>;
}

/** v1 VolumeProjection. */
export interface VolumeProjection {
  readonly serviceAccountToken?: Optional<{
    readonly path?: Optional<string>;
    readonly audience?: Optional<string>;
  }>;
  readonly configMap?: Optional<{ readonly name?: Optional<string> }>;
  readonly downwardAPI?: Optional<{ readonly items?: Optional<readonly DownwardItem[]> }>;
}

/** v1 DownwardAPIVolumeFile. */
interface DownwardItem {
  readonly path?: Optional<string>;
  readonly fieldRef?: Optional<{
    readonly apiVersion?: Optional<string>;
    readonly fieldPath?: Optional<string>;
  }>;
}
