import { type PolicySource, SECCOMP_ALLOWED_KEY } from '../../engine/index.js';

/** A policy that every pod satisfies, and that fills in nothing. */
export const OPEN_POLICY: PolicySource = {
  name: 'open',
  annotations: { [SECCOMP_ALLOWED_KEY]: '*' },
  spec: {
    privileged: true,
    allowPrivilegeEscalation: true,
    allowedCapabilities: ['*'],
    volumes: ['*'],
    hostNetwork: true,
    hostPID: true,
    hostIPC: true,
    hostPorts: [{ min: 1, max: 65_535 }],
    runAsUser: { rule: 'RunAsAny' },
    seLinux: { rule: 'RunAsAny' },
    supplementalGroups: { rule: 'RunAsAny' },
    fsGroup: { rule: 'RunAsAny' },
    allowedUnsafeSysctls: ['*'],
    allowedProcMountTypes: ['Default', 'Unmasked'],
  },
};
