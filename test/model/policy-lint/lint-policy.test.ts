import { describe, expect, it } from 'vitest';
import type { PodSecurityPolicySpec, PolicySource } from '../../../src/engine/index.js';
import { OPEN_POLICY } from '../../../src/model/policy-diff/open-policy.js';
import { lintPolicy } from '../../../src/model/policy-lint/lint-policy.js';
import { policy } from '../policy-diff/policies.js';

const SECCOMP = 'seccomp.security.alpha.kubernetes.io';

const from = (spec: PodSecurityPolicySpec, annotations: Record<string, string> = {}) =>
  policy(spec, annotations);

const CASES: readonly (readonly [string, PolicySource, readonly string[]])[] = [
  ['says nothing of a policy that restricts and fills in nothing', from({ volumes: ['secret'] }), []],
  [
    'says nothing of fields that spell out what holds anyway',
    from({
      privileged: false,
      hostPorts: [],
      allowPrivilegeEscalation: true,
      allowedProcMountTypes: ['Default'],
    }),
    [],
  ],
  ['tells an open policy', OPEN_POLICY, ['ADMITS_EVERYTHING']],
  [
    'tells an open policy that also fills in',
    { ...OPEN_POLICY, spec: { ...OPEN_POLICY.spec, defaultAllowPrivilegeEscalation: false } },
    ['ADMITS_EVERYTHING', 'MUTATES'],
  ],
  [
    'tells a policy that can not be used, and nothing of its fields',
    from({ fsGroup: { rule: 'MustRunAs' }, allowedHostPaths: [{ pathPrefix: '/a' }] }),
    ['UNUSABLE'],
  ],
  [
    'tells a policy that no pod satisfies',
    from({}, { [`${SECCOMP}/defaultProfileName`]: 'runtime/default' }),
    ['ADMITS_NOTHING'],
  ],
  ['tells a policy that fills in', from({ requiredDropCapabilities: ['ALL'] }), ['MUTATES']],
  [
    'tells ranges with a common number',
    from({
      hostPorts: [
        { min: 1, max: 5 },
        { min: 5, max: 9 },
      ],
    }),
    ['OVERLAPPING_RANGES spec.hostPorts'],
  ],
  [
    'takes ranges that touch for apart',
    from({
      hostPorts: [
        { min: 1, max: 4 },
        { min: 5, max: 9 },
      ],
    }),
    [],
  ],
  [
    'finds an overlap behind a narrow range',
    from({
      runAsUser: {
        rule: 'MustRunAs',
        ranges: [
          { min: 1, max: 9223372036854775807n },
          { min: 2, max: 3 },
          { min: 9223372036854775806n, max: 9223372036854775807n },
        ],
      },
    }),
    ['MUTATES', 'OVERLAPPING_RANGES spec.runAsUser.ranges'],
  ],
  [
    'tells paths without the volume type',
    from({ allowedHostPaths: [{ pathPrefix: '/a' }] }),
    ['NO_EFFECT spec.allowedHostPaths'],
  ],
  [
    'tells drivers without the volume type',
    from({ volumes: ['nfs'], allowedCSIDrivers: [{ name: 'a.b' }], allowedFlexVolumes: [{ driver: 'a/b' }] }),
    ['NO_EFFECT spec.allowedFlexVolumes', 'NO_EFFECT spec.allowedCSIDrivers'],
  ],
  [
    'tells a safe sysctl that is allowed',
    from({ allowedUnsafeSysctls: ['net.ipv4.tcp_syncookies'] }),
    ['NO_EFFECT spec.allowedUnsafeSysctls'],
  ],
  [
    'tells an unsafe sysctl that is forbidden without being allowed',
    from({ forbiddenSysctls: ['kernel.msg*'] }),
    ['NO_EFFECT spec.forbiddenSysctls'],
  ],
  [
    'tells a port range that matches nothing',
    from({ hostPorts: [{ min: 9, max: 1 }] }),
    ['NO_EFFECT spec.hostPorts'],
  ],
  [
    'tells capabilities that are allowed twice',
    from({ allowedCapabilities: ['CHOWN'], defaultAddCapabilities: ['CHOWN'] }),
    ['MUTATES', 'NO_EFFECT spec.allowedCapabilities'],
  ],
  [
    'tells ranges that no rule looks at',
    from({ runAsUser: { rule: 'RunAsAny', ranges: [{ min: 1, max: 2 }] } }),
    ['NO_EFFECT spec.runAsUser.ranges'],
  ],
  [
    'tells a label that no rule looks at',
    from({ seLinux: { rule: 'RunAsAny', seLinuxOptions: { level: 's0' } } }),
    ['NO_EFFECT spec.seLinux.seLinuxOptions'],
  ],
];

describe('lintPolicy', () => {
  it.each(CASES)('%s', (_name, source, expected) => {
    const warnings = lintPolicy(source).map(({ code, field }) =>
      field === null ? code : `${code} ${field}`,
    );
    expect(warnings).toEqual(expected);
  });

  it('names the fields that fill in', () => {
    const [warning] = lintPolicy(
      from({
        requiredDropCapabilities: ['ALL'],
        fsGroup: { rule: 'MustRunAs', ranges: [{ min: 1, max: 1 }] },
      }),
    );
    expect(warning?.message).toContain('(spec.requiredDropCapabilities, spec.fsGroup)');
    expect(warning?.policies).toEqual(['sample']);
  });
});
