import type { Aspect } from './aspect.js';
import { capabilities } from './aspects/capabilities.js';
import { hostPorts } from './aspects/host-ports.js';
import { fsGroup, runAsGroup, runAsUser, supplementalGroups } from './aspects/ids.js';
import { appArmor, seccomp } from './aspects/profiles.js';
import { seLinux } from './aspects/selinux.js';
import {
  hostIPC,
  hostNetwork,
  hostPID,
  privileged,
  privilegeEscalation,
  procMount,
  readOnlyRootFilesystem,
  runtimeClass,
} from './aspects/switches.js';
import { sysctls } from './aspects/sysctls.js';
import { volumes } from './aspects/volumes.js';

/** Every aspect once. Each field of a PodSecurityPolicy with a meaning belongs to exactly one. */
export const ASPECTS: readonly Aspect[] = [
  privileged,
  privilegeEscalation,
  capabilities,
  volumes,
  hostNetwork,
  hostPorts,
  hostPID,
  hostIPC,
  seLinux,
  runAsUser,
  runAsGroup,
  supplementalGroups,
  fsGroup,
  readOnlyRootFilesystem,
  sysctls,
  procMount,
  runtimeClass,
  seccomp,
  appArmor,
];
