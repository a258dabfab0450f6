import type { Changes } from '../changes.js';
import type { ContainerView } from '../containers.js';
import type { Findings } from '../findings.js';
import type { PodView } from '../pod-view.js';
import { appArmor } from './apparmor.js';
import { capabilities } from './capabilities.js';
import type { Control, ControlField } from './control.js';
import { csiDrivers } from './csi-drivers.js';
import { flexVolumes } from './flex-volumes.js';
import { fsGroup } from './fs-group.js';
import { hostIPC, hostNetwork, hostPID } from './host-namespaces.js';
import { hostPaths } from './host-paths.js';
import { hostPorts } from './host-ports.js';
import { privileged } from './privileged.js';
import { privilegeEscalation } from './privilege-escalation.js';
import { procMount } from './proc-mount.js';
import { readOnlyRootFilesystem } from './read-only-root-filesystem.js';
import { runAsGroup } from './run-as-group.js';
import { runAsUser } from './run-as-user.js';
import { runtimeClass } from './runtime-class.js';
import { seccomp } from './seccomp.js';
import { seLinux } from './selinux.js';
import { supplementalGroups } from './supplemental-groups.js';
import { sysctls } from './sysctls.js';
import { volumeTypes } from './volume-types.js';

/**
 * A control with the types of its parts forgotten. Only the control that made a part may be asked about it. (Methods'
 * parameters are compared bivariantly, which is what lets the types go.)
 */
type AnyControl = Control<unknown, unknown>;

/** What is judged at pod level, in the order in which Kubernetes reports it; an inner list speaks volume by volume. */
const POD_LEVEL: readonly (readonly AnyControl[])[] = [
  [fsGroup],
  [supplementalGroups],
  [seccomp],
  [seLinux],
  [hostNetwork],
  [hostPID],
  [hostIPC],
  [sysctls],
  [volumeTypes, hostPaths, flexVolumes, csiDrivers],
  [runtimeClass],
  [privileged],
];

/** What is judged for each container, in the order in which Kubernetes reports it. */
const CONTAINER_LEVEL: readonly AnyControl[] = [
  runAsUser,
  runAsGroup,
  seLinux,
  appArmor,
  seccomp,
  privileged,
  procMount,
  capabilities,
  hostPorts,
  readOnlyRootFilesystem,
  privilegeEscalation,
];

/** Controls whose rules may be unusable, in the order in which Kubernetes tells the reasons. */
export const MAY_BE_UNUSABLE: readonly AnyControl[] = [runAsUser, seLinux, fsGroup, supplementalGroups];

/** A control as evaluations use it: every one in the same shape, so that asking many kinds in turn is fast. */
export interface RegisteredControl {
  readonly control: AnyControl;
  /** Places in Kubernetes' two orders; -1 where the control never speaks. */
  readonly podPosition: number;
  readonly containerPosition: number;
  readonly fillInPod: (fill: unknown, pod: PodView, changes: Changes) => void;
  /** `null`: nothing in containers. */
  readonly fillInContainer: ((fill: unknown, container: ContainerView, changes: Changes) => void) | null;
  readonly concerns: (pod: PodView) => boolean;
  readonly common: (one: unknown, other: unknown) => unknown;
  readonly validate: (demand: unknown, pod: PodView, findings: Findings) => void;
}

/** Every control once. */
export const REGISTRY: readonly RegisteredControl[] = [
  ...new Set([...POD_LEVEL.flat(), ...CONTAINER_LEVEL]),
].map((control) => ({
  control,
  podPosition: POD_LEVEL.findIndex((group) => group.includes(control)),
  containerPosition: CONTAINER_LEVEL.indexOf(control),
  fillInPod: control.default ?? (() => undefined),
  fillInContainer: control.defaultContainer ?? null,
  concerns: control.concerns ?? (() => true),
  common: control.common ?? (() => null),
  validate: control.validate,
}));

/** What one can look up about every control, for reports and documentation, by field of the policy. */
export const CONTROLS: readonly ControlField[] = REGISTRY.flatMap(({ control }) => control.fields);
