import type { Int64 } from './json.js';
import type { Optional, SELinuxOptions } from './pod.js';

/** A policy/v1beta1 PodSecurityPolicy, decoded by type, not yet validated. */
export interface PolicySource {
  readonly name: string;
  readonly namespace?: Optional<string>;
  readonly labels?: Optional<Readonly<Record<string, string>>>;
  readonly annotations?: Optional<Readonly<Record<string, string>>>;
  readonly spec: PodSecurityPolicySpec;
}

/** policy/v1beta1 PodSecurityPolicySpec. */
export interface PodSecurityPolicySpec {
  readonly privileged?: Optional<boolean>;
  readonly defaultAddCapabilities?: Optional<readonly string[]>;
  readonly requiredDropCapabilities?: Optional<readonly string[]>;
  readonly allowedCapabilities?: Optional<readonly string[]>;
  readonly volumes?: Optional<readonly string[]>;
  readonly hostNetwork?: Optional<boolean>;
  readonly hostPorts?: Optional<readonly HostPortRange[]>;
  readonly hostPID?: Optional<boolean>;
  readonly hostIPC?: Optional<boolean>;
  readonly seLinux?: Optional<SELinuxStrategy>;
  readonly runAsUser?: Optional<IdStrategy>;
  readonly runAsGroup?: Optional<IdStrategy>;
  readonly supplementalGroups?: Optional<IdStrategy>;
  readonly fsGroup?: Optional<IdStrategy>;
  readonly readOnlyRootFilesystem?: Optional<boolean>;
  readonly defaultAllowPrivilegeEscalation?: Optional<boolean>;
  readonly allowPrivilegeEscalation?: Optional<boolean>;
  readonly allowedHostPaths?: Optional<readonly AllowedHostPath[]>;
  readonly allowedFlexVolumes?: Optional<readonly { readonly driver?: Optional<string> }[]>;
  readonly allowedCSIDrivers?: Optional<readonly { readonly name?: Optional<string> }[]>;
  readonly allowedUnsafeSysctls?: Optional<readonly string[]>;
  readonly forbiddenSysctls?: Optional<readonly string[]>;
  readonly allowedProcMountTypes?: Optional<readonly string[]>;
  readonly runtimeClass?: Optional<RuntimeClassStrategy>;
}

/** Inclusive at both ends. */
interface IdRange {
  readonly min?: Optional<Int64>;
  readonly max?: Optional<Int64>;
}

/** Inclusive at both ends; `min` above `max` is accepted by the API and matches nothing. */
interface HostPortRange {
  readonly min?: Optional<number>;
  readonly max?: Optional<number>;
}

/** The shape of runAsUser, runAsGroup, supplementalGroups and fsGroup. */
export interface IdStrategy {
  readonly rule?: Optional<string>;
  readonly ranges?: Optional<readonly IdRange[]>;
}

/** `MustRunAs` with the options to have, or `RunAsAny`. */
interface SELinuxStrategy {
  readonly rule?: Optional<string>;
  readonly seLinuxOptions?: Optional<SELinuxOptions>;
}

/** A path on the host and everything below it. */
interface AllowedHostPath {
  readonly pathPrefix?: Optional<string>;
  readonly readOnly?: Optional<boolean>;
}

/** Which RuntimeClasses a pod may name, and the one it gets when it names none. */
export interface RuntimeClassStrategy {
  readonly allowedRuntimeClassNames?: Optional<readonly string[]>;
  readonly defaultRuntimeClassName?: Optional<string>;
}

/** Feature gates of the API server whose policies are imitated. */
export interface FeatureGates {
  /** Off: a policy's `allowedProcMountTypes` is dropped when it is written, so only `Default` is ever allowed. */
  readonly procMountType: boolean;
  /** Off: the API drops `ephemeral` volumes after admission. It changes no verdict; it is here for completeness. */
  readonly genericEphemeralVolume: boolean;
  /** Off: ephemeral containers are filled in but not judged, and then dropped by the API. */
  readonly ephemeralContainers: boolean;
}

/** The gates of Podgate's own server: everything that a later cluster has is judged. */
export const SERVER_GATES: FeatureGates = {
  procMountType: true,
  genericEphemeralVolume: true,
  ephemeralContainers: true,
};
