import { describe, expect, it } from 'vitest';
import type { PodSecurityPolicySpec, PolicySource } from '../../../src/engine/index.js';
import { diffPolicies } from '../../../src/model/policy-diff/diff-policies.js';
import type { ChangeEffect, DiffVerdict } from '../../../src/model/policy-diff/policy-diff.js';
import { admits, policy } from './policies.js';

const ALLOWED = 'seccomp.security.alpha.kubernetes.io/allowedProfileNames';
const DEFAULT = 'seccomp.security.alpha.kubernetes.io/defaultProfileName';
const ARMOR_ALLOWED = 'apparmor.security.beta.kubernetes.io/allowedProfileNames';
const ARMOR_DEFAULT = 'apparmor.security.beta.kubernetes.io/defaultProfileName';
const MAX = 9223372036854775807n;

interface Case {
  readonly name: string;
  readonly before: PolicySource;
  readonly after: PolicySource;
  readonly verdict: DiffVerdict;
  /** Effect by field, without `spec.`. */
  readonly effects: Readonly<Record<string, ChangeEffect>>;
}

function specs(
  name: string,
  before: PodSecurityPolicySpec,
  after: PodSecurityPolicySpec,
  verdict: DiffVerdict,
  effects: Case['effects'] = {},
): Case {
  return { name, before: policy(before), after: policy(after), verdict, effects };
}

function annotations(
  name: string,
  before: Record<string, string>,
  after: Record<string, string>,
  verdict: DiffVerdict,
  effects: Case['effects'] = {},
): Case {
  return { name, before: policy({}, before), after: policy({}, after), verdict, effects };
}

const user = (...ranges: [number | bigint, number | bigint][]): PodSecurityPolicySpec => ({
  runAsUser: { rule: 'MustRunAs', ranges: ranges.map(([min, max]) => ({ min, max })) },
});
const ports = (...ranges: [number, number][]): PodSecurityPolicySpec => ({
  hostPorts: ranges.map(([min, max]) => ({ min, max })),
});
const groups = (rule: string, ...ranges: [number, number][]) => ({
  rule,
  ranges: ranges.map(([min, max]) => ({ min, max })),
});
const paths = (...prefixes: string[]): PodSecurityPolicySpec => ({
  volumes: ['hostPath'],
  allowedHostPaths: prefixes.map((prefix) =>
    prefix.endsWith(' ro') ? { pathPrefix: prefix.slice(0, -3), readOnly: true } : { pathPrefix: prefix },
  ),
});

const CASES: readonly Case[] = [
  specs('the same policy', user([1, 2]), user([1, 2]), 'EQUIVALENT'),
  specs('ranges that touch are one range', user([1, 10], [11, 20]), user([1, 20]), 'EQUIVALENT'),
  specs('overlapping ranges in another order', user([1, 10], [5, 20]), user([1, 20]), 'EQUIVALENT'),
  specs('another first id is a default', user([1, 1], [5, 9]), user([5, 9], [1, 1]), 'EQUIVALENT', {
    runAsUser: 'DEFAULTS',
  }),
  specs('a wider range', user([1, 10]), user([1, 11]), 'LOOSENED', { runAsUser: 'LOOSENS' }),
  specs('a hole in a range', user([1, 10]), user([1, 4], [6, 10]), 'TIGHTENED', { runAsUser: 'TIGHTENS' }),
  specs('a range that moves', user([1, 10]), user([2, 11]), 'MIXED', { runAsUser: 'CHANGES' }),
  specs('ids beyond 2^53 are told apart', user([1, MAX - 1n]), user([1, MAX]), 'LOOSENED', {
    runAsUser: 'LOOSENS',
  }),
  specs('every id that there is', user([0, MAX]), {}, 'EQUIVALENT', { runAsUser: 'DEFAULTS' }),
  specs(
    'a user of one’s own choice, but not root',
    {},
    { runAsUser: { rule: 'MustRunAsNonRoot' } },
    'TIGHTENED',
    {
      runAsUser: 'TIGHTENS',
    },
  ),
  specs(
    'ranges without root still let runAsNonRoot be false',
    { runAsUser: { rule: 'MustRunAsNonRoot' } },
    user([1, MAX]),
    'LOOSENED',
    {
      runAsUser: 'LOOSENS',
    },
  ),
  specs('ranges beside RunAsAny mean nothing', {}, { runAsUser: groups('RunAsAny', [1, 2]) }, 'EQUIVALENT'),
  specs('MustRunAs without ranges admits nothing', {}, { runAsUser: { rule: 'MustRunAs' } }, 'TIGHTENED', {
    runAsUser: 'TIGHTENS',
  }),
  specs(
    'two policies that admit nothing',
    { runAsUser: { rule: 'MustRunAs' }, hostNetwork: true },
    { fsGroup: { rule: 'MayRunAs' }, privileged: true },
    'EQUIVALENT',
  ),
  specs(
    'a policy made usable, however strict, admits more',
    { runAsUser: { rule: 'MustRunAs' }, hostNetwork: true },
    user([1, 1]),
    'LOOSENED',
    { runAsUser: 'LOOSENS' },
  ),
  specs(
    'MayRunAs and MustRunAs admit the same fsGroups',
    { fsGroup: groups('MayRunAs', [1, 2]) },
    { fsGroup: groups('MustRunAs', [1, 2]) },
    'EQUIVALENT',
    { fsGroup: 'DEFAULTS' },
  ),
  specs(
    'MustRunAs refuses an empty list of groups',
    { supplementalGroups: groups('MayRunAs', [1, 2]) },
    { supplementalGroups: groups('MustRunAs', [1, 2]) },
    'TIGHTENED',
    { supplementalGroups: 'TIGHTENS' },
  ),
  specs('an absent runAsGroup is RunAsAny', {}, { runAsGroup: { rule: 'RunAsAny' } }, 'EQUIVALENT'),
  specs('a group within a range', {}, { runAsGroup: groups('MayRunAs', [1, 2]) }, 'TIGHTENED', {
    runAsGroup: 'TIGHTENS',
  }),

  specs('port 0 is no port', ports([0, 65535]), ports([1, 65535]), 'EQUIVALENT'),
  specs('a range upside down matches nothing', {}, ports([9, 1]), 'EQUIVALENT'),
  specs('ports that touch', ports([1, 10], [11, 20]), ports([1, 20]), 'EQUIVALENT'),
  specs('another port', ports([80, 80]), ports([80, 81]), 'LOOSENED', { hostPorts: 'LOOSENS' }),
  specs('other ports', ports([80, 80]), ports([443, 443]), 'MIXED', { hostPorts: 'CHANGES' }),

  specs('privileged', {}, { privileged: true }, 'LOOSENED', { privileged: 'LOOSENS' }),
  specs('an absent switch is false', {}, { privileged: false, hostPID: false }, 'EQUIVALENT'),
  specs('two switches against each other', { hostPID: true }, { hostIPC: true }, 'MIXED', {
    hostPID: 'TIGHTENS',
    hostIPC: 'LOOSENS',
  }),
  specs('a read-only root', {}, { readOnlyRootFilesystem: true }, 'TIGHTENED', {
    readOnlyRootFilesystem: 'TIGHTENS',
  }),
  specs('escalation is allowed where nothing is said', {}, { allowPrivilegeEscalation: true }, 'EQUIVALENT'),
  specs('escalation forbidden', {}, { allowPrivilegeEscalation: false }, 'TIGHTENED', {
    allowPrivilegeEscalation: 'TIGHTENS',
  }),
  specs('escalation off by default', {}, { defaultAllowPrivilegeEscalation: false }, 'EQUIVALENT', {
    defaultAllowPrivilegeEscalation: 'DEFAULTS',
  }),
  specs(
    'a default that is what is forced anyway',
    { allowPrivilegeEscalation: false },
    { allowPrivilegeEscalation: false, defaultAllowPrivilegeEscalation: false },
    'EQUIVALENT',
  ),

  specs('one capability more', {}, { allowedCapabilities: ['NET_ADMIN'] }, 'LOOSENED', {
    allowedCapabilities: 'LOOSENS',
  }),
  specs('a default capability may be added', {}, { defaultAddCapabilities: ['NET_ADMIN'] }, 'LOOSENED', {
    defaultAddCapabilities: 'LOOSENS',
  }),
  specs(
    'from allowed to default',
    { allowedCapabilities: ['CHOWN'] },
    { defaultAddCapabilities: ['CHOWN'] },
    'EQUIVALENT',
    { defaultAddCapabilities: 'DEFAULTS' },
  ),
  specs('a required drop refuses nothing', {}, { requiredDropCapabilities: ['ALL'] }, 'EQUIVALENT', {
    requiredDropCapabilities: 'DEFAULTS',
  }),
  specs(
    'drops in another order',
    { requiredDropCapabilities: ['A', 'B'] },
    { requiredDropCapabilities: ['B', 'A'] },
    'EQUIVALENT',
  ),
  specs(
    'every capability',
    { allowedCapabilities: ['SYS_ADMIN'] },
    { allowedCapabilities: ['*'] },
    'LOOSENED',
    { allowedCapabilities: 'LOOSENS' },
  ),
  specs(
    'from allowed to required drop',
    { allowedCapabilities: ['KILL'] },
    { requiredDropCapabilities: ['KILL'] },
    'TIGHTENED',
    { allowedCapabilities: 'TIGHTENS', requiredDropCapabilities: 'DEFAULTS' },
  ),
  specs(
    'what each of two fields does to capabilities',
    { allowedCapabilities: ['A'], defaultAddCapabilities: ['C'] },
    { allowedCapabilities: ['A', 'B'], defaultAddCapabilities: ['D'] },
    'MIXED',
    { allowedCapabilities: 'LOOSENS', defaultAddCapabilities: 'CHANGES' },
  ),

  specs('no volumes and a type', {}, { volumes: ['secret'] }, 'LOOSENED', { volumes: 'LOOSENS' }),
  specs(
    'types in another order',
    { volumes: ['secret', 'nfs'] },
    { volumes: ['nfs', 'secret', 'nfs'] },
    'EQUIVALENT',
  ),
  specs('a wildcard takes in the rest', { volumes: ['*', 'nfs'] }, { volumes: ['*'] }, 'EQUIVALENT'),
  specs(
    'secret beside projected adds only secrets',
    { volumes: ['projected'] },
    { volumes: ['projected', 'secret'] },
    'LOOSENED',
    { volumes: 'LOOSENS' },
  ),
  specs(
    'projected without secret keeps the token volume',
    { volumes: ['secret'] },
    { volumes: ['projected'] },
    'MIXED',
    { volumes: 'CHANGES' },
  ),
  specs(
    'paths mean nothing without the type',
    { volumes: ['nfs'] },
    { volumes: ['nfs'], allowedHostPaths: [{ pathPrefix: '/a' }], allowedFlexVolumes: [{ driver: 'x' }] },
    'EQUIVALENT',
  ),
  specs('any path, and some', { volumes: ['hostPath'] }, paths('/var'), 'TIGHTENED', {
    allowedHostPaths: 'TIGHTENS',
  }),
  specs('a path below an allowed one', paths('/var'), paths('/var', '/var/log'), 'EQUIVALENT'),
  specs('a sibling that begins alike', paths('/var'), paths('/var', '/variable'), 'LOOSENED', {
    allowedHostPaths: 'LOOSENS',
  }),
  specs('one slash at the end', paths('/var'), paths('/var/'), 'EQUIVALENT'),
  specs('two slashes at the end are another path', paths('/var'), paths('/var//'), 'TIGHTENED', {
    allowedHostPaths: 'TIGHTENS',
  }),
  specs('a path made read-only', paths('/var'), paths('/var ro'), 'TIGHTENED', {
    allowedHostPaths: 'TIGHTENS',
  }),
  specs('read-only below writable', paths('/var'), paths('/var', '/var/log ro'), 'EQUIVALENT'),
  specs('writable below read-only', paths('/var ro'), paths('/var ro', '/var/log'), 'LOOSENED', {
    allowedHostPaths: 'LOOSENS',
  }),
  specs('the root is every absolute path only', { volumes: ['hostPath'] }, paths('/'), 'TIGHTENED', {
    allowedHostPaths: 'TIGHTENS',
  }),
  specs('the root takes in all absolute ones', paths('/', '/var', '/etc ro'), paths('/'), 'EQUIVALENT'),
  specs(
    'a type together with its paths',
    { allowedHostPaths: [{ pathPrefix: '/a' }] },
    paths('/b'),
    'LOOSENED',
    { volumes: 'LOOSENS', allowedHostPaths: 'LOOSENS' },
  ),
  specs(
    'flex drivers',
    { volumes: ['flexVolume'] },
    { volumes: ['flexVolume'], allowedFlexVolumes: [{ driver: 'a/b' }] },
    'TIGHTENED',
    { allowedFlexVolumes: 'TIGHTENS' },
  ),
  specs(
    'csi drivers',
    { volumes: ['*'], allowedCSIDrivers: [{ name: 'a.b' }] },
    { volumes: ['*'], allowedCSIDrivers: [{ name: 'c.d' }] },
    'MIXED',
    { allowedCSIDrivers: 'CHANGES' },
  ),

  specs('a label', {}, { seLinux: { rule: 'MustRunAs', seLinuxOptions: { level: 's0' } } }, 'TIGHTENED', {
    seLinux: 'TIGHTENS',
  }),
  specs(
    'categories in another order are the same level, filled in otherwise',
    { seLinux: { rule: 'MustRunAs', seLinuxOptions: { level: 's0:c1,c2' } } },
    { seLinux: { rule: 'MustRunAs', seLinuxOptions: { level: 's0:c2,c1' } } },
    'EQUIVALENT',
    { seLinux: 'DEFAULTS' },
  ),
  specs('MustRunAs without a label admits nothing', {}, { seLinux: { rule: 'MustRunAs' } }, 'TIGHTENED', {
    seLinux: 'TIGHTENS',
  }),

  specs('an unsafe sysctl', {}, { allowedUnsafeSysctls: ['kernel.msgmax'] }, 'LOOSENED', {
    allowedUnsafeSysctls: 'LOOSENS',
  }),
  specs(
    'a safe sysctl needs no leave',
    {},
    { allowedUnsafeSysctls: ['net.ipv4.tcp_syncookies'] },
    'EQUIVALENT',
  ),
  specs(
    'a prefix that takes in another',
    { allowedUnsafeSysctls: ['net.*', 'net.core.*'] },
    { allowedUnsafeSysctls: ['net.*'] },
    'EQUIVALENT',
  ),
  specs('a safe sysctl forbidden', {}, { forbiddenSysctls: ['kernel.shm*'] }, 'TIGHTENED', {
    forbiddenSysctls: 'TIGHTENS',
  }),
  specs(
    'an unsafe one that was not allowed forbidden',
    {},
    { forbiddenSysctls: ['kernel.msg*'] },
    'EQUIVALENT',
  ),
  specs(
    'from allowed to forbidden',
    { allowedUnsafeSysctls: ['kernel.*'] },
    { forbiddenSysctls: ['kernel.*'] },
    'TIGHTENED',
    { allowedUnsafeSysctls: 'TIGHTENS', forbiddenSysctls: 'TIGHTENS' },
  ),

  specs('unmasked proc', {}, { allowedProcMountTypes: ['Default', 'Unmasked'] }, 'LOOSENED', {
    allowedProcMountTypes: 'LOOSENS',
  }),
  specs('only Default is the same as nothing', {}, { allowedProcMountTypes: ['Default'] }, 'EQUIVALENT'),
  specs('unmasked alone refuses who says nothing', {}, { allowedProcMountTypes: ['Unmasked'] }, 'MIXED', {
    allowedProcMountTypes: 'CHANGES',
  }),

  specs('no runtime class', {}, { runtimeClass: { allowedRuntimeClassNames: [] } }, 'TIGHTENED', {
    runtimeClass: 'TIGHTENS',
  }),
  specs('every runtime class', {}, { runtimeClass: { allowedRuntimeClassNames: ['*'] } }, 'EQUIVALENT'),
  specs(
    'a default runtime class',
    { runtimeClass: { allowedRuntimeClassNames: ['a'] } },
    { runtimeClass: { allowedRuntimeClassNames: ['a'], defaultRuntimeClassName: 'a' } },
    'EQUIVALENT',
    { runtimeClass: 'DEFAULTS' },
  ),

  annotations('a seccomp list refuses who says nothing', {}, { [ALLOWED]: 'runtime/default' }, 'MIXED', {
    [ALLOWED]: 'CHANGES',
  }),
  annotations(
    'a seccomp list with its default',
    {},
    { [ALLOWED]: 'runtime/default', [DEFAULT]: 'runtime/default' },
    'LOOSENED',
    { [ALLOWED]: 'LOOSENS', [DEFAULT]: 'DEFAULTS' },
  ),
  annotations(
    'a seccomp default without a list admits nothing',
    {},
    { [DEFAULT]: 'runtime/default' },
    'TIGHTENED',
    { [DEFAULT]: 'TIGHTENS' },
  ),
  annotations(
    'a default that makes a list work',
    { [ALLOWED]: 'runtime/default' },
    { [ALLOWED]: 'runtime/default', [DEFAULT]: 'docker/default' },
    'LOOSENED',
    { [DEFAULT]: 'LOOSENS' },
  ),
  annotations(
    'two names of one profile',
    { [ALLOWED]: 'docker/default', [DEFAULT]: 'runtime/default' },
    { [ALLOWED]: 'runtime/default', [DEFAULT]: 'runtime/default' },
    'EQUIVALENT',
  ),
  annotations(
    'an alias hides no other profile',
    { [ALLOWED]: 'docker/default,localhost/a' },
    { [ALLOWED]: 'runtime/default' },
    'TIGHTENED',
    { [ALLOWED]: 'TIGHTENS' },
  ),
  annotations(
    'a default where all are allowed',
    { [ALLOWED]: '*' },
    { [ALLOWED]: '*', [DEFAULT]: 'runtime/default' },
    'EQUIVALENT',
    { [DEFAULT]: 'DEFAULTS' },
  ),
  annotations('an empty list is no list', {}, { [ALLOWED]: '' }, 'EQUIVALENT'),
  annotations('an AppArmor list', {}, { [ARMOR_ALLOWED]: 'runtime/default' }, 'TIGHTENED', {
    [ARMOR_ALLOWED]: 'TIGHTENS',
  }),
  annotations(
    'an AppArmor default that is not listed',
    { [ARMOR_ALLOWED]: 'unconfined', [ARMOR_DEFAULT]: 'unconfined' },
    { [ARMOR_ALLOWED]: 'unconfined', [ARMOR_DEFAULT]: 'runtime/default' },
    'TIGHTENED',
    { [ARMOR_DEFAULT]: 'TIGHTENS' },
  ),
  annotations('an empty AppArmor list admits nothing', {}, { [ARMOR_ALLOWED]: '' }, 'TIGHTENED', {
    [ARMOR_ALLOWED]: 'TIGHTENS',
  }),
  annotations('labels and other annotations', {}, { 'example.com/owner': 'team-a' }, 'EQUIVALENT'),
];

const MIRRORED: Readonly<Record<DiffVerdict, DiffVerdict>> = {
  EQUIVALENT: 'EQUIVALENT',
  TIGHTENED: 'LOOSENED',
  LOOSENED: 'TIGHTENED',
  MIXED: 'MIXED',
};

describe('diffPolicies', () => {
  it.each(CASES)('$name', ({ before, after, verdict, effects }) => {
    const diff = diffPolicies(before, after);
    const path = (field: string) =>
      field.includes('/') ? `metadata.annotations[${field}]` : `spec.${field}`;
    expect(Object.fromEntries(diff.changes.map(({ field, effect }) => [field, effect]))).toEqual(
      Object.fromEntries(Object.entries(effects).map(([field, effect]) => [path(field), effect])),
    );
    expect(diff.verdict).toBe(verdict);
  });

  it.each(CASES)('$name, the other way round', ({ before, after, verdict }) => {
    expect(diffPolicies(after, before).verdict).toBe(MIRRORED[verdict]);
  });

  it.each(CASES)('$name: every claim has its witness', ({ before, after }) => {
    for (const { effect, witness, counterWitness } of diffPolicies(before, after).changes) {
      const sides = [witness, counterWitness].map((pod) =>
        pod === undefined ? null : [admits(before, pod), admits(after, pod)],
      );
      const gained = [false, true];
      const lost = [true, false];
      const expected = {
        LOOSENS: [gained, null],
        TIGHTENS: [lost, null],
        CHANGES: [gained, lost],
        DEFAULTS: [null, null],
      };
      expect(sides).toEqual(expected[effect]);
    }
  });

  it('tells values as they are written, and absence as null', () => {
    const [change] = diffPolicies(policy(), policy(ports([80, 81]))).changes;
    expect(change).toMatchObject({ field: 'spec.hostPorts', before: null, after: [{ min: 80, max: 81 }] });
  });

  it('shows the smallest pod that makes the difference', () => {
    const [change] = diffPolicies(policy(), policy(ports([80, 81]))).changes;
    expect(change?.witness).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'witness' },
      spec: {
        containers: [
          { name: 'app', image: 'registry.k8s.io/pause:3.10', ports: [{ containerPort: 80, hostPort: 80 }] },
        ],
      },
    });
  });

  it('names an id beyond 2^53 exactly', () => {
    const [change] = diffPolicies(policy(user([1, MAX - 1n])), policy(user([1, MAX]))).changes;
    expect(change?.witness?.spec?.containers?.[0]?.securityContext).toEqual({ runAsUser: MAX });
  });

  it('refuses to compare what the API would not take', () => {
    expect(() => diffPolicies(policy(), policy({ runAsUser: { rule: 'Sometimes' } }))).toThrow(TypeError);
  });
});
