import { appArmor } from './apparmor.js';
import { capabilities } from './capabilities.js';
import type { PodView } from '../pod-view.js';
import type { Control, ControlField, Report } from './control.js';
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

/** A control with its rule's type forgotten. Only the control that made a rule may be asked about it. */
export type AnyControl = Control<unknown>;

/** Controls of several kinds of rules in one list. */
function forgetRules<Rules extends unknown[]>(
  controls: { [Place in keyof Rules]: Control<Rules[Place]> },
): AnyControl[] {
  return controls; // methods' parameters are compared bivariantly, which is what lets the rules' types go
}

/** What is judged at pod level, in the order in which Kubernetes reports it; an inner list speaks volume by volume. */
const POD_LEVEL: readonly (readonly AnyControl[])[] = [
  forgetRules([fsGroup]),
  forgetRules([supplementalGroups]),
  forgetRules([seccomp]),
  forgetRules([seLinux]),
  forgetRules([hostNetwork]),
  forgetRules([hostPID]),
  forgetRules([hostIPC]),
  forgetRules([sysctls]),
  forgetRules([volumeTypes, hostPaths, flexVolumes, csiDrivers]),
  forgetRules([runtimeClass]),
  forgetRules([privileged]),
];

/** What is judged for each container, in the order in which Kubernetes reports it. */
const CONTAINER_LEVEL: readonly AnyControl[] = forgetRules([
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
]);

/** Controls whose rules may be unusable, in the order in which Kubernetes tells the reasons. */
export const MAY_BE_UNUSABLE = forgetRules([runAsUser, seLinux, fsGroup, supplementalGroups]);

/** A control as evaluations use it: every one in the same shape, so that asking many kinds of rules in turn is fast. */
export interface RegisteredControl {
  readonly control: AnyControl;
  /** Places in Kubernetes' two orders; -1 where the control never speaks. */
  readonly podPosition: number;
  readonly containerPosition: number;
  readonly applies: ((pod: PodView) => boolean) | null;
  readonly default: ((rule: unknown, pod: PodView, report: Report) => void) | null;
  readonly validate: ((rule: unknown, pod: PodView, report: Report) => void) | null;
}

/** Every control once. */
export const REGISTRY: readonly RegisteredControl[] = [
  ...new Set([...POD_LEVEL.flat(), ...CONTAINER_LEVEL]),
].map((control) => ({
  control,
  podPosition: POD_LEVEL.findIndex((group) => group.includes(control)),
  containerPosition: CONTAINER_LEVEL.indexOf(control),
  applies: control.applies ?? null,
  default: control.default ?? null,
  validate: control.validate ?? null,
}));

/** What one can look up about every control, for reports and documentation, by field of the policy. */
export const CONTROLS: readonly ControlField[] = REGISTRY.flatMap(({ control }) => control.fields);
