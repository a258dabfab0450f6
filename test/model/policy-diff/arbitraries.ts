import fc from 'fast-check';
import type { Pod, PodSecurityPolicySpec, PolicySource } from '../../../src/engine/index.js';
import { policy } from './policies.js';

/** Few values, shared by policies and pods, so that they meet. */
const IDS = [0, 1, 2, 3, 5, 9223372036854775806n, 9223372036854775807n];
const CAPABILITIES = ['A', 'B', 'SYS_ADMIN'];
const PROFILES = ['runtime/default', 'docker/default', 'unconfined', 'localhost/a'];
const TYPES = ['hostPath', 'secret', 'projected', 'flexVolume', 'csi', 'nfs', 'image', 'emptyDir'];
const PATHS = ['/', '/a', '/a/', '/a//', '/a/b', '/ab', '/a/b/c', 'a'];
const LABELS = [{}, { level: 's0:c1,c2' }, { level: 's0:c2,c1' }, { level: 's0', type: 't' }];

const some = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const ranges = fc
  .array(fc.tuple(fc.constantFrom(...IDS), fc.constantFrom(...IDS)), { minLength: 0, maxLength: 2 })
  .map((pairs) => pairs.map(([a, b]) => (a < b ? { min: a, max: b } : { min: b, max: a })));
/** An object with few of the members. */
function sparse<T>(
  members: { readonly [K in keyof T]: fc.Arbitrary<T[K]> },
  absent = 4,
): fc.Arbitrary<Partial<T>> {
  const keys = Object.keys(members) as (keyof T & string)[];
  const each = keys.map((key) =>
    fc.oneof(
      { weight: absent, arbitrary: fc.constant<(readonly [string, unknown])[]>([]) },
      { weight: 1, arbitrary: members[key].map((value) => [[key, value] as const]) },
    ),
  );
  // Safe: made of the members' own keys and values.
  return fc.tuple(...each).map((parts) => Object.fromEntries(parts.flat()) as Partial<T>);
}

const groups = fc.oneof(
  fc.constant({ rule: 'RunAsAny' }),
  fc.record({ rule: fc.constantFrom('MustRunAs', 'MayRunAs'), ranges }),
);
const profiles = (wildcard: readonly string[]) =>
  maybe(some([...PROFILES, ...wildcard]).map((names) => names.join(',')));

const spec: fc.Arbitrary<PodSecurityPolicySpec> = sparse<PodSecurityPolicySpec>(
  {
    privileged: fc.boolean(),
    hostNetwork: fc.boolean(),
    readOnlyRootFilesystem: fc.boolean(),
    allowPrivilegeEscalation: fc.boolean(),
    defaultAllowPrivilegeEscalation: fc.constant(false),
    allowedCapabilities: fc.oneof(some(CAPABILITIES), fc.constant(['*'])),
    defaultAddCapabilities: some(CAPABILITIES),
    volumes: fc.oneof(some(TYPES), fc.constant(['*']), fc.constant(['hostPath'])),
    allowedHostPaths: fc.array(fc.record({ pathPrefix: fc.constantFrom(...PATHS), readOnly: fc.boolean() }), {
      maxLength: 3,
    }),
    allowedFlexVolumes: some(['x', 'y']).map((names) => names.map((driver) => ({ driver }))),
    allowedCSIDrivers: some(['x', 'y']).map((names) => names.map((name) => ({ name }))),
    hostPorts: fc.array(
      fc.record({ min: fc.integer({ min: 0, max: 6 }), max: fc.integer({ min: 0, max: 6 }) }),
      { maxLength: 2 },
    ),
    runAsUser: fc
      .oneof(groups, fc.constant({ rule: 'MustRunAsNonRoot' }))
      .map((one) => (one.rule === 'MayRunAs' ? { rule: 'RunAsAny' } : one)),
    runAsGroup: fc.oneof(
      fc.constant({ rule: 'RunAsAny' }),
      fc.constant({ rule: 'MayRunAs', ranges: [{ min: 1, max: 2 }] }),
    ),
    supplementalGroups: groups,
    fsGroup: groups,
    seLinux: fc.oneof(
      fc.constant({ rule: 'RunAsAny' }),
      fc.record({ rule: fc.constant('MustRunAs'), seLinuxOptions: fc.constantFrom(...LABELS) }),
    ),
    allowedUnsafeSysctls: some(['k.a', 'k.*', 'k.a*']),
    forbiddenSysctls: some(['n.*', 'net.ipv4.*', 'kernel.shm_rmid_forced']),
    allowedProcMountTypes: some(['Default', 'Unmasked']),
    runtimeClass: fc
      .oneof(some(['a', 'b']), fc.constant(['*']))
      .map((allowedRuntimeClassNames) => ({ allowedRuntimeClassNames })),
  },
  2,
);

const annotations = fc
  .record({
    'seccomp.security.alpha.kubernetes.io/allowedProfileNames': profiles(['*']),
    'seccomp.security.alpha.kubernetes.io/defaultProfileName': maybe(fc.constantFrom(...PROFILES)),
    'apparmor.security.beta.kubernetes.io/allowedProfileNames': maybe(
      some(['runtime/default', 'unconfined']).map((names) => names.join(',')),
    ),
    'apparmor.security.beta.kubernetes.io/defaultProfileName': maybe(
      fc.constantFrom('runtime/default', 'unconfined'),
    ),
  })
  .map(given);

function given(members: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** A valid policy with any mixture of fields. */
export const somePolicy: fc.Arbitrary<PolicySource> = fc
  .tuple(spec, annotations)
  .map(([one, notes]) => policy(one, notes));

/** Two policies that differ in few fields, as versions of one do. */
export const twoVersions: fc.Arbitrary<readonly [PolicySource, PolicySource]> = fc
  .tuple(somePolicy, somePolicy, fc.infiniteStream(fc.boolean()))
  .map(([before, other, coins]) => {
    const mix = <T extends object>(left: T, right: T): T => {
      const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])] as (keyof T)[];
      const pairs = keys.map((key) => [
        key,
        coins.next().value && coins.next().value ? right[key] : left[key],
      ]);
      return Object.fromEntries(pairs.filter(([, value]) => value !== undefined)) as T;
    };
    return [
      before,
      {
        ...before,
        spec: mix(before.spec, other.spec),
        annotations: mix(before.annotations ?? {}, other.annotations ?? {}),
      },
    ];
  });

const volume = fc.oneof(
  fc
    .constantFrom(...TYPES.filter((type) => !['hostPath', 'flexVolume', 'csi'].includes(type)))
    .map((type) => ({ name: 'v', [type]: {} })),
  fc.constantFrom(...PATHS, '/x').map((path) => ({ name: 'v', hostPath: { path } })),
  fc.constantFrom('x', 'z').map((driver) => ({ name: 'v', flexVolume: { driver } })),
  fc.constantFrom('x', 'z').map((driver) => ({ name: 'v', csi: { driver } })),
  fc.constant({ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }),
  fc.constant({ name: 'v', projected: { sources: [{ configMap: { name: 's' } }] } }),
);

const id = fc.constantFrom(...IDS);
const container = sparse({
  securityContext: sparse({
    privileged: fc.boolean(),
    allowPrivilegeEscalation: fc.boolean(),
    readOnlyRootFilesystem: fc.boolean(),
    runAsUser: id,
    runAsGroup: id,
    runAsNonRoot: fc.boolean(),
    procMount: fc.constantFrom('Default', 'Unmasked'),
    capabilities: fc.record({ add: some([...CAPABILITIES, '*']), drop: some(CAPABILITIES) }),
    seLinuxOptions: fc.constantFrom(...LABELS),
    seccompProfile: fc.constantFrom({ type: 'RuntimeDefault' }, { type: 'Localhost', localhostProfile: 'a' }),
  }),
  ports: fc.array(
    fc.record({ containerPort: fc.integer({ min: 1, max: 7 }), hostPort: fc.integer({ min: 0, max: 7 }) }),
    { maxLength: 2 },
  ),
  volumeMounts: fc.array(fc.record({ name: fc.constant('v'), readOnly: fc.boolean() }), { maxLength: 2 }),
});

const annotationsOfPod = sparse<Record<string, string>>({
  'seccomp.security.alpha.kubernetes.io/pod': fc.constantFrom(...PROFILES),
  'container.apparmor.security.beta.kubernetes.io/c0': fc.constantFrom(
    'runtime/default',
    'unconfined',
    'localhost/z',
  ),
});

const podSpec = sparse({
  hostNetwork: fc.boolean(),
  runtimeClassName: fc.constantFrom('a', 'c'),
  securityContext: sparse({
    runAsUser: id,
    fsGroup: id,
    supplementalGroups: some(IDS),
    seLinuxOptions: fc.constantFrom(...LABELS),
    sysctls: some(['k.a', 'k.b', 'n.x', 'kernel.shm_rmid_forced', 'net.ipv4.tcp_syncookies']).map((names) =>
      names.map((name) => ({ name })),
    ),
  }),
  volumes: fc.array(volume, { maxLength: 1 }),
});

/** A pod that says few things, so that it has a chance. */
export const somePod: fc.Arbitrary<Pod> = fc
  .tuple(annotationsOfPod, podSpec, fc.array(container, { minLength: 1, maxLength: 2 }))
  .map(([notes, spec, containers]) => ({
    metadata: { annotations: given(notes) },
    spec: { ...spec, containers: containers.map((one, i) => ({ ...one, name: `c${i}` })) },
  }));
