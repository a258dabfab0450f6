import type { ControlName } from '../../engine/index.js';
import type { RepairRule } from './repair.js';
import { hostPorts } from './repairs/host-ports.js';
import * as plain from './repairs/plain.js';
import { appArmor, seccomp } from './repairs/profiles.js';
import { csiDrivers, flexVolumes, hostPaths, volumes } from './repairs/volumes.js';

/** What to do about the violations of each control. */
export const REPAIRS: Readonly<Record<ControlName, RepairRule>> = {
  privileged: plain.privileged,
  hostNetwork: plain.hostNamespace('hostNetwork'),
  hostPID: plain.hostNamespace('hostPID'),
  hostIPC: plain.hostNamespace('hostIPC'),
  hostPorts,
  allowPrivilegeEscalation: plain.privilegeEscalation,
  allowedCapabilities: plain.capabilities,
  volumes,
  allowedHostPaths: hostPaths,
  allowedFlexVolumes: flexVolumes,
  allowedCSIDrivers: csiDrivers,
  readOnlyRootFilesystem: plain.readOnlyRootFilesystem,
  runAsUser: plain.runAsUser,
  runAsGroup: plain.runAsGroup,
  supplementalGroups: plain.supplementalGroups,
  fsGroup: plain.fsGroup,
  seLinux: plain.seLinux,
  seccomp,
  appArmor,
  allowedProcMountTypes: plain.procMount,
  allowedUnsafeSysctls: plain.sysctls,
  forbiddenSysctls: plain.sysctls,
  runtimeClass: plain.runtimeClass,
};
