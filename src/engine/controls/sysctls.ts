import { inBoth } from '../families.js';
import { quote } from '../go-format.js';
import { SysctlPatterns } from '../sysctl-patterns.js';
import type { Control } from './control.js';

interface Demand {
  readonly allowedUnsafe: SysctlPatterns;
  readonly forbidden: SysctlPatterns;
}

/** Policies that forbid more together have nothing in common: each that joins makes the list longer. */
const MOST_FORBIDDEN = 1_000;

/** Those of Kubernetes 1.20. Later releases call a few more safe; they stay unsafe here, which is the stricter reading. */
export const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
]);

/**
 * Kernel parameters of a pod.
 *
 * Restricted fields: spec.securityContext.sysctls[*].name (Kubernetes reports pod.spec…)
 * Allowed values: safe ones, and unsafe ones that the policy allows; never those that it forbids.
 */
export const sysctls: Control<never, Demand> = {
  id: 'sysctls',
  fields: [
    {
      name: 'forbiddenSysctls',
      title: 'Forbidden sysctls',
      description: 'Kernel parameters that pods may not set, safe ones included.',
      help: 'Remove the sysctl from spec.securityContext.sysctls.',
    },
    {
      name: 'allowedUnsafeSysctls',
      title: 'Unsafe sysctls',
      description: 'Kernel parameters that are not isolated between pods and that pods may set all the same.',
      help: 'Remove the sysctl from spec.securityContext.sysctls, or use one that the policy allows.',
    },
  ],

  demands: ({ spec }) => ({
    allowedUnsafe: new SysctlPatterns(spec.allowedUnsafeSysctls ?? []),
    forbidden: new SysctlPatterns(spec.forbiddenSysctls ?? []),
  }),

  common(one, other) {
    const forbidden = [...one.forbidden.patterns, ...other.forbidden.patterns];
    if (forbidden.length > MOST_FORBIDDEN) return null;
    const allowedUnsafe = inBoth(one.allowedUnsafe.patterns, other.allowedUnsafe.patterns) ?? [];
    return {
      allowedUnsafe: new SysctlPatterns(allowedUnsafe),
      forbidden: new SysctlPatterns([...new Set(forbidden)]),
    };
  },

  concerns: (pod) => pod.sysctls.length > 0,

  validate({ allowedUnsafe, forbidden }, pod, findings) {
    for (let i = 0; i < pod.sysctls.length; i++) {
      const name = pod.sysctls[i]?.name ?? '';
      const field = `pod.spec.securityContext.sysctls[${i}]`;
      if (forbidden.match(name)) {
        findings.pod('forbiddenSysctls', 'Forbidden', field, '', `sysctl ${quote(name)} is not allowed`);
      } else if (!SAFE_SYSCTLS.has(name) && !allowedUnsafe.match(name)) {
        findings.pod(
          'allowedUnsafeSysctls',
          'Forbidden',
          field,
          '',
          `unsafe sysctl ${quote(name)} is not allowed`,
        );
      }
    }
  },
};
