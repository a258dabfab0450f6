import fc from 'fast-check';
import type { Container, Pod, PodSecurityPolicySpec, PolicySource, Volume } from '../../src/engine/index.js';

/** Few values, so that policies and pods meet often. */
const id = fc.constantFrom(0, 1, 5, 10, 1000, 9007199254740993n);
const capability = fc.constantFrom('KILL', 'NET_RAW', 'CHOWN', 'ALL');
const level = fc.constantFrom('', 's0', 's0:c1,c2', 's0:c2,c1');
const sysctl = fc.constantFrom('kernel.shm_rmid_forced', 'kernel.msgmax', 'net.core.somaxconn');
const profile = fc.constantFrom('runtime/default', 'unconfined', 'localhost/a', '');
const path = fc.constantFrom('/', '/a', '/a/', '/a/b', '/ab', 'a');
const flag = fc.boolean();

/** An object with some of these members. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- it carries the members' types to the result
function some<T extends Record<string, fc.Arbitrary<unknown>>>(members: T) {
  return fc.record(members, { requiredKeys: [] });
}

const seLinuxOptions = some({ level, role: fc.constantFrom('', 'r'), type: fc.constantFrom('', 't') });
const profileField = fc.oneof(
  fc.record({ type: fc.constantFrom('RuntimeDefault', 'Unconfined', 'Localhost', 'Odd') }),
  fc.constant({ type: 'Localhost', localhostProfile: 'a' }),
);

const securityContext = some({
  privileged: flag,
  allowPrivilegeEscalation: flag,
  readOnlyRootFilesystem: flag,
  runAsUser: id,
  runAsGroup: id,
  runAsNonRoot: flag,
  procMount: fc.constantFrom('Default', 'Unmasked'),
  capabilities: some({
    add: fc.array(capability, { maxLength: 3 }),
    drop: fc.array(capability, { maxLength: 3 }),
  }),
  seLinuxOptions,
  seccompProfile: profileField,
  appArmorProfile: profileField,
  windowsOptions: some({ hostProcess: flag }),
});

const port = some({ containerPort: fc.constantFrom(80, 8080), hostPort: fc.constantFrom(0, 80, 443) });
const mount = some({ name: fc.constantFrom('v0', 'v1'), readOnly: flag });
const container: fc.Arbitrary<Container> = some({
  name: fc.constantFrom('app', 'proxy', 'init'),
  securityContext: fc.option(securityContext),
  ports: fc.array(port, { maxLength: 2 }),
  volumeMounts: fc.array(mount, { maxLength: 2 }),
});

const source = fc.oneof(
  fc.constant({}),
  path.map((at) => ({ hostPath: { path: at } })),
  fc.constantFrom('x', 'y').map((driver) => ({ flexVolume: { driver } })),
  fc.constantFrom('x', 'y').map((driver) => ({ csi: { driver } })),
  fc.constantFrom('configMap', 'secret', 'cephfs', 'image', 'ephemeral').map((type) => ({ [type]: {} })),
  fc
    .constantFrom('token', 'other')
    .map((at) => ({ projected: { sources: [{ serviceAccountToken: { path: at } }] } })),
);
const volumes: fc.Arbitrary<Volume[]> = fc
  .array(source, { maxLength: 3 })
  .map((sources) => sources.map((one, i) => ({ name: `v${i}`, ...one })));

const podAnnotations = some({
  'seccomp.security.alpha.kubernetes.io/pod': profile,
  'container.seccomp.security.alpha.kubernetes.io/app': profile,
  'container.apparmor.security.beta.kubernetes.io/app': profile,
  other: fc.constant('x'),
});

/** Pods with everything that a control looks at, and with all of it left out. */
export const anyPod: fc.Arbitrary<Pod> = some({
  metadata: fc.option(some({ name: fc.constant('pod'), annotations: fc.option(podAnnotations) })),
  spec: fc.option(
    some({
      hostNetwork: flag,
      hostPID: flag,
      hostIPC: flag,
      runtimeClassName: fc.constantFrom('gvisor', 'kata'),
      securityContext: fc.option(
        some({
          runAsUser: id,
          runAsGroup: id,
          runAsNonRoot: flag,
          fsGroup: id,
          supplementalGroups: fc.array(id, { maxLength: 2 }),
          seLinuxOptions,
          seccompProfile: profileField,
          appArmorProfile: profileField,
          sysctls: fc.array(fc.record({ name: sysctl }), { maxLength: 2 }),
          windowsOptions: some({ hostProcess: flag }),
        }),
      ),
      initContainers: fc.array(container, { maxLength: 2 }),
      containers: fc.array(container, { maxLength: 3 }),
      ephemeralContainers: fc.array(container, { maxLength: 1 }),
      volumes,
    }),
  ),
});

const ranges = fc.array(
  fc.tuple(id, id).map(([a, b]) => (a <= b ? { min: a, max: b } : { min: b, max: a })),
  { minLength: 1, maxLength: 2 },
);
const strategy = (...rules: string[]) => fc.record({ rule: fc.constantFrom(...rules), ranges });
const groups = strategy('RunAsAny', 'MustRunAs', 'MayRunAs');

const spec: fc.Arbitrary<PodSecurityPolicySpec> = fc.record(
  {
    privileged: flag,
    hostNetwork: flag,
    hostPID: flag,
    hostIPC: flag,
    hostPorts: fc.subarray([
      { min: 80, max: 80 },
      { min: 400, max: 9000 },
    ]),
    volumes: fc.subarray([
      '*',
      'hostPath',
      'flexVolume',
      'csi',
      'configMap',
      'secret',
      'cephFS',
      'image',
      'emptyDir',
    ]),
    allowedHostPaths: fc.array(fc.record({ pathPrefix: path, readOnly: flag }), { maxLength: 2 }),
    allowedFlexVolumes: fc.subarray([{ driver: 'x' }]),
    allowedCSIDrivers: fc.subarray([{ name: 'y' }]),
    allowedCapabilities: fc.subarray(['KILL', 'NET_RAW', '*']),
    defaultAddCapabilities: fc.subarray(['CHOWN', 'KILL']),
    requiredDropCapabilities: fc.subarray(['NET_RAW', 'ALL']),
    allowPrivilegeEscalation: flag,
    defaultAllowPrivilegeEscalation: flag,
    readOnlyRootFilesystem: flag,
    allowedProcMountTypes: fc.subarray(['Default', 'Unmasked']),
    allowedUnsafeSysctls: fc.subarray(['kernel.msg*', 'net.core.somaxconn']),
    forbiddenSysctls: fc.subarray(['kernel.shm*']),
    runtimeClass: fc.constantFrom(
      { allowedRuntimeClassNames: ['kata'], defaultRuntimeClassName: 'kata' },
      { allowedRuntimeClassNames: [] },
    ),
    runAsUser: strategy('RunAsAny', 'MustRunAs', 'MustRunAsNonRoot'),
    runAsGroup: fc.record({ rule: fc.constantFrom('MustRunAs', 'MayRunAs'), ranges }),
    fsGroup: groups,
    supplementalGroups: groups,
    seLinux: fc.record({ rule: fc.constantFrom('RunAsAny', 'MustRunAs'), seLinuxOptions }),
  },
  { requiredKeys: ['runAsUser', 'fsGroup', 'supplementalGroups', 'seLinux'] },
);

const policyAnnotations: fc.Arbitrary<Record<string, string>> = fc.record(
  {
    'seccomp.security.alpha.kubernetes.io/allowedProfileNames': fc.constantFrom(
      '*',
      'runtime/default',
      'localhost/a',
    ),
    'seccomp.security.alpha.kubernetes.io/defaultProfileName': fc.constantFrom(
      'runtime/default',
      'unconfined',
    ),
    'apparmor.security.beta.kubernetes.io/allowedProfileNames': fc.constantFrom(
      'runtime/default',
      'localhost/a,unconfined',
    ),
    'apparmor.security.beta.kubernetes.io/defaultProfileName': fc.constantFrom(
      'runtime/default',
      'unconfined',
    ),
  },
  { requiredKeys: [] },
);

/** Policies with everything that a control reads; most of them are valid, the tests skip the others. */
export const anyPolicy: fc.Arbitrary<PolicySource> = fc.record({
  name: fc.constantFrom('a', 'b', 'a-b', 'a.b', 'a0', 'z'),
  annotations: policyAnnotations,
  spec,
});
