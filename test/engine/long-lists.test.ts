import { describe, expect, it } from 'vitest';
import {
  APPARMOR_ALLOWED_KEY,
  compilePolicy,
  compilePolicySet,
  evaluate,
  type Pod,
  patch,
  type PodSecurityPolicySpec,
  type SecurityContext,
} from '../../src/engine/index.js';
import { ALLOW_ALL, ALLOW_ALL_ANNOTATIONS, podWith } from './controls/control-case.js';

function many<Item>(length: number, item: (index: number) => Item): Item[] {
  return Array.from({ length }, (_, index) => item(index));
}

const named = (count: number, start: string) => many(count, (index) => `${start}${index}`);
const adding = (...add: readonly string[]) => podWith({ securityContext: { capabilities: { add } } });

const apart = (count: number) => many(count, (index) => ({ min: 2 * index, max: 2 * index }));

function withSysctls(names: readonly string[]): Pod {
  return podWith({}, { securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) } });
}

function withContainers(count: number, securityContext: (index: number) => SecurityContext): Pod {
  const containers = many(count, (index) => ({ securityContext: securityContext(index) }));
  return podWith({}, { containers });
}

interface LongLists {
  readonly policy: PodSecurityPolicySpec;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly pod: Pod;
  readonly violations: number;
}

/** Long lists of a pod that meet long ones of a policy, or of itself. */
const LONG: Readonly<Record<string, LongLists>> = {
  'capabilities, where others have to be dropped': {
    policy: { allowedCapabilities: [], requiredDropCapabilities: ['ALL'] },
    pod: adding(...named(45_000, 'C')),
    violations: 45_000,
  },
  'capabilities and those that are allowed': {
    policy: { allowedCapabilities: named(20_000, 'A') },
    pod: adding(...named(40_000, 'C')),
    violations: 40_000,
  },
  'capabilities and those that are added and dropped by default': {
    policy: {
      allowedCapabilities: [],
      defaultAddCapabilities: named(20_000, 'D'),
      requiredDropCapabilities: named(20_000, 'R'),
    },
    pod: podWith({
      securityContext: { capabilities: { add: named(20_000, 'C'), drop: named(20_000, 'E') } },
    }),
    violations: 20_000,
  },
  'flexVolumes and the drivers that are allowed': {
    policy: { allowedFlexVolumes: named(20_000, 'a').map((driver) => ({ driver })) },
    pod: podWith({}, { volumes: named(20_000, 'd').map((driver) => ({ flexVolume: { driver } })) }),
    violations: 20_000,
  },
  'inline CSI volumes and the drivers that are allowed': {
    policy: { allowedCSIDrivers: named(20_000, 'a').map((name) => ({ name })) },
    pod: podWith({}, { volumes: named(20_000, 'd').map((driver) => ({ csi: { driver } })) }),
    violations: 20_000,
  },
  'containers and the AppArmor profiles that are allowed': {
    policy: {},
    annotations: { [APPARMOR_ALLOWED_KEY]: named(10_000, 'localhost/a').join(',') },
    pod: withContainers(10_000, (index) => ({
      appArmorProfile: { type: 'Localhost', localhostProfile: `b${index}` },
    })),
    violations: 10_000,
  },
  'containers and a list of proc mount types that repeats itself': {
    policy: { allowedProcMountTypes: many(40_000, () => 'Default') },
    pod: withContainers(20_000, () => ({ procMount: 'Unmasked' })),
    violations: 20_000,
  },
  'sysctls and the names that are allowed': {
    policy: { allowedUnsafeSysctls: named(20_000, 'a') },
    pod: withSysctls(named(20_000, 'b')),
    violations: 20_000,
  },
  'sysctls and the beginnings that are forbidden': {
    policy: { allowedUnsafeSysctls: ['b*'], forbiddenSysctls: named(20_000, 'a').map((name) => `${name}.*`) },
    pod: withSysctls(named(20_000, 'b')),
    violations: 0,
  },
  'groups and the ranges that are allowed': {
    policy: { supplementalGroups: { rule: 'MustRunAs', ranges: apart(20_000) } },
    pod: podWith({}, { securityContext: { supplementalGroups: many(40_000, (index) => 1_000_000 + index) } }),
    violations: 40_000,
  },
  'users of containers and the ranges that are allowed': {
    policy: { runAsUser: { rule: 'MustRunAs', ranges: apart(40_000) } },
    pod: withContainers(20_000, (index) => ({ runAsUser: 1_000_000 + index })),
    violations: 20_000,
  },
  'host ports and the ranges that are allowed': {
    policy: { hostPorts: apart(30_000) },
    pod: podWith({ ports: many(40_000, (index) => ({ hostPort: 1_000_000 + index })) }),
    violations: 40_000,
  },
  'hostPath volumes that must be read-only and mounts': {
    policy: { allowedHostPaths: [{ pathPrefix: '/', readOnly: true }] },
    pod: podWith(
      { volumeMounts: named(25_000, 'v').map((name) => ({ name })) },
      { volumes: named(25_000, 'v').map((name) => ({ name, hostPath: { path: '/' } })) },
    ),
    violations: 25_000,
  },
};

describe('a pod and a policy with long lists', () => {
  it.each(Object.entries(LONG))(
    'are judged in time that grows with them, not with their product: %s',
    (_what, { policy, annotations, pod, violations }) => {
      const compiled = compilePolicy({
        name: 'p',
        annotations: { ...ALLOW_ALL_ANNOTATIONS, ...annotations },
        spec: { ...ALLOW_ALL, ...policy },
      });
      if (!compiled.ok) throw new Error('the policy is valid');
      const set = compilePolicySet([compiled.policy]);
      // The fastest of three runs, because other work may run on the machine.
      const runs = many(3, () => {
        const started = performance.now();
        const evaluation = evaluate(set, { pod, operation: 'CREATE', usable: () => true });
        patch(evaluation, 'p');
        const found = evaluation.candidates[0]?.violations.length;
        return { found, milliseconds: performance.now() - started };
      });
      expect(runs[0]?.found).toBe(violations);
      expect(Math.min(...runs.map(({ milliseconds }) => milliseconds))).toBeLessThan(1_000);
    },
  );
});
