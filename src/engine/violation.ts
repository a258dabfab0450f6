import type { JsonValue } from './json.js';

/** Kubernetes' field error types, without its prefix `FieldValue`. */
export type FieldErrorType = 'Invalid' | 'Required' | 'Forbidden' | 'NotSupported' | 'Duplicate' | 'TooLong';

/** One thing that is wrong at one field, as `field.Error` of Kubernetes says it. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** The path that Kubernetes reports, e.g. `spec.containers[0].securityContext.privileged`. */
  readonly field: string;
  /** The offending value; the empty string for `Required` and `Forbidden`. */
  readonly value: JsonValue;
  /** Kubernetes' detail, word for word; may be empty. */
  readonly message: string;
}

/** An `Invalid` field error. */
export function invalid(field: string, value: FieldError['value'], message: string): FieldError {
  return { type: 'Invalid', field, value, message };
}

/** What in a pod a policy speaks against. */
export interface Violation extends FieldError {
  /** The field of PodSecurityPolicySpec that speaks against it: `hostNetwork`, `allowedCapabilities`, `seccomp` … */
  readonly control: ControlName;
  /** The container's name where one container is to blame. */
  readonly container: string | null;
}

/** Thrown instead of an evaluation that has more violations than its request allows. */
export class TooManyViolations extends Error {
  override readonly name = 'TooManyViolations';

  constructor(most: number) {
    super(`there are more than ${most} violations`);
  }
}

/** Names of controls: fields of PodSecurityPolicySpec, and the two that live in annotations. */
export type ControlName =
  | 'privileged'
  | 'hostNetwork'
  | 'hostPID'
  | 'hostIPC'
  | 'hostPorts'
  | 'allowPrivilegeEscalation'
  | 'allowedCapabilities'
  | 'volumes'
  | 'allowedHostPaths'
  | 'allowedFlexVolumes'
  | 'allowedCSIDrivers'
  | 'readOnlyRootFilesystem'
  | 'runAsUser'
  | 'runAsGroup'
  | 'supplementalGroups'
  | 'fsGroup'
  | 'seLinux'
  | 'seccomp'
  | 'appArmor'
  | 'allowedProcMountTypes'
  | 'allowedUnsafeSysctls'
  | 'forbiddenSysctls'
  | 'runtimeClass';
