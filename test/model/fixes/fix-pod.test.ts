import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compilePolicy,
  compilePolicySet,
  evaluate,
  type JsonValue,
  type Pod,
  type PodSecurityPolicySpec,
  type PolicySource,
} from '../../../src/engine/index.js';
import { fixPod } from '../../../src/model/fixes/fix-pod.js';
import type { FixOperation, PolicyFix } from '../../../src/model/fixes/policy-fix.js';
import { lintPolicy } from '../../../src/model/policy-lint/lint-policy.js';
import { somePod, somePolicy } from '../policy-diff/arbitraries.js';
import { admits, policy } from '../policy-diff/policies.js';

const SECCOMP = 'seccomp.security.alpha.kubernetes.io';
const ARMOR = 'apparmor.security.beta.kubernetes.io';

function fix(source: PolicySource, pod: Pod, podPointer = ''): PolicyFix {
  const compiled = compilePolicy(source);
  if (!compiled.ok) throw new Error('not valid');
  const set = compilePolicySet([compiled.policy]);
  const { candidates } = evaluate(set, { pod, operation: 'CREATE', usable: () => true });
  const violations = candidates[0]?.violations ?? [];
  return fixPod({ pod, podPointer, policy: source, violations, set, prepare: (one) => one });
}

/** A pod with one container, made of members of its spec and of its container. */
function podOf(spec: object, container: object = {}, annotations?: Record<string, string>): Pod {
  const metadata = annotations === undefined ? {} : { metadata: { annotations } };
  return { ...metadata, spec: { ...spec, containers: [{ name: 'main', ...container }] } };
}

const context = (securityContext: object) => podOf({}, { securityContext });
const MAIN = '/spec/containers/0/securityContext';
const POD = '/spec/securityContext';
const remove = (...paths: string[]) => paths.map((path) => ({ op: 'remove', path }));
const users = (rule: string, min: number, max: number) => ({ rule, ranges: [{ min, max }] });

const PATCHES: readonly (readonly [string, PolicySource, Pod, readonly object[]])[] = [
  [
    'a host namespace is taken back where manifests have it',
    policy(),
    podOf({ hostPID: true, hostIPC: true }),
    remove('/spec/hostPID', '/spec/hostIPC'),
  ],
  [
    'with hostNetwork its host ports go',
    policy(),
    podOf({ hostNetwork: true }, { ports: [{ containerPort: 80 }] }),
    remove('/spec/hostNetwork'),
  ],
  ['privileged is taken back', policy(), context({ privileged: true }), remove(`${MAIN}/privileged`)],
  [
    'escalation is refused in so many words',
    policy({ allowPrivilegeEscalation: false }),
    context({ allowPrivilegeEscalation: true }),
    [{ op: 'replace', path: `${MAIN}/allowPrivilegeEscalation`, value: false }],
  ],
  [
    'a root filesystem is made read-only',
    policy({ readOnlyRootFilesystem: true }),
    context({ readOnlyRootFilesystem: false }),
    [{ op: 'replace', path: `${MAIN}/readOnlyRootFilesystem`, value: true }],
  ],
  [
    'one of two capabilities goes',
    policy({ allowedCapabilities: ['A'] }),
    context({ capabilities: { add: ['B', 'A', 'C'] } }),
    remove(`${MAIN}/capabilities/add/2`, `${MAIN}/capabilities/add/0`),
  ],
  [
    'the last capabilities go with their list',
    policy(),
    context({ capabilities: { add: ['B', 'A'], drop: ['C'] } }),
    remove(`${MAIN}/capabilities/add`),
  ],
  [
    'a user goes, for the policy to fill in its own',
    policy({ runAsUser: users('MustRunAs', 5, 9) }),
    context({ runAsUser: 1 }),
    remove(`${MAIN}/runAsUser`),
  ],
  [
    'a user that two containers inherit goes once',
    policy({ runAsUser: users('MustRunAs', 5, 9) }),
    { spec: { securityContext: { runAsUser: 1 }, containers: [{ name: 'a' }, { name: 'b' }] } },
    remove(`${POD}/runAsUser`),
  ],
  [
    'root goes together with the wish for it',
    policy({ runAsUser: { rule: 'MustRunAsNonRoot' } }),
    context({ runAsUser: 0, runAsNonRoot: false }),
    remove(`${MAIN}/runAsUser`, `${MAIN}/runAsNonRoot`),
  ],
  [
    'a group goes where it is',
    policy({ runAsGroup: users('MayRunAs', 5, 9) }),
    context({ runAsGroup: 1 }),
    remove(`${MAIN}/runAsGroup`),
  ],
  [
    'only groups out of range go',
    policy({ supplementalGroups: users('MustRunAs', 5, 9) }),
    podOf({ securityContext: { supplementalGroups: [1, 5, 2] } }),
    remove(`${POD}/supplementalGroups/2`, `${POD}/supplementalGroups/0`),
  ],
  [
    'an empty list of groups goes',
    policy({ supplementalGroups: users('MustRunAs', 5, 9) }),
    podOf({ securityContext: { supplementalGroups: [] } }),
    remove(`${POD}/supplementalGroups`),
  ],
  [
    'a label goes',
    policy({ seLinux: { rule: 'MustRunAs', seLinuxOptions: { level: 's0' } } }),
    podOf({ securityContext: { seLinuxOptions: { level: 's1' } } }),
    remove(`${POD}/seLinuxOptions`),
  ],
  [
    'sysctls go by their places',
    policy(),
    podOf({
      securityContext: { sysctls: [{ name: 'a' }, { name: 'net.ipv4.tcp_syncookies' }, { name: 'b' }] },
    }),
    remove(`${POD}/sysctls/2`, `${POD}/sysctls/0`),
  ],
  ['a proc mount goes', policy(), context({ procMount: 'Unmasked' }), remove(`${MAIN}/procMount`)],
  [
    'a proc mount that must be is added',
    policy({ allowedProcMountTypes: ['Unmasked'] }),
    podOf({}),
    [{ op: 'add', path: MAIN, value: { procMount: 'Unmasked' } }],
  ],
  [
    'a runtime class goes',
    policy({ runtimeClass: { allowedRuntimeClassNames: [] } }),
    podOf({ runtimeClassName: 'x' }),
    remove('/spec/runtimeClassName'),
  ],
  [
    'a host port goes where there is no choice',
    policy(),
    podOf({}, { ports: [{ containerPort: 1, hostPort: 1 }] }),
    remove('/spec/containers/0/ports/0/hostPort'),
  ],
  [
    'hostNetwork goes where it makes host ports and there is no choice',
    policy({ hostNetwork: true }),
    podOf({ hostNetwork: true }, { ports: [{ containerPort: 1 }] }),
    remove('/spec/hostNetwork'),
  ],
  [
    'a mount is made read-only',
    policy({ volumes: ['hostPath'], allowedHostPaths: [{ pathPrefix: '/a', readOnly: true }] }),
    podOf({ volumes: [{ name: 'v', hostPath: { path: '/a/b' } }] }, { volumeMounts: [{ name: 'v' }] }),
    [{ op: 'add', path: '/spec/containers/0/volumeMounts/0/readOnly', value: true }],
  ],
  [
    'a seccomp profile goes where none may be',
    policy(),
    podOf({ securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }),
    remove(`${POD}/seccompProfile`),
  ],
  [
    'of a seccomp profile only the type changes where that is enough',
    policy({}, { [`${SECCOMP}/allowedProfileNames`]: 'unconfined' }),
    podOf({ securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'a' } } }),
    [{ op: 'replace', path: `${POD}/seccompProfile/type`, value: 'Unconfined' }],
  ],
  [
    'a seccomp profile is named where one must be',
    policy({}, { [`${SECCOMP}/allowedProfileNames`]: 'docker/default,localhost/a' }),
    podOf({}),
    [{ op: 'add', path: POD, value: { seccompProfile: { type: 'RuntimeDefault' } } }],
  ],
  [
    'a container’s profile goes, the pod’s stays',
    policy({}, { [`${SECCOMP}/allowedProfileNames`]: 'runtime/default' }),
    podOf(
      { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
      { securityContext: { seccompProfile: { type: 'Unconfined' } } },
    ),
    remove(`${MAIN}/seccompProfile`),
  ],
  [
    'the only AppArmor profile is named',
    policy({}, { [`${ARMOR}/allowedProfileNames`]: 'localhost/a' }),
    podOf({}),
    [
      {
        op: 'add',
        path: '/metadata',
        value: { annotations: { [`container.${ARMOR}/main`]: 'localhost/a' } },
      },
    ],
  ],
  [
    'an AppArmor profile goes where there is a default',
    policy(
      {},
      {
        [`${ARMOR}/allowedProfileNames`]: 'runtime/default',
        [`${ARMOR}/defaultProfileName`]: 'runtime/default',
      },
    ),
    podOf({}, {}, { [`container.${ARMOR}/main`]: 'unconfined' }),
    remove(`/metadata/annotations/container.${ARMOR.replace('/', '~1')}~1main`),
  ],
];

const ports: PodSecurityPolicySpec = {
  hostPorts: [
    { min: 80, max: 81 },
    { min: 9, max: 9 },
  ],
};

const CHOICES: readonly (readonly [string, PolicySource, Pod, readonly object[]])[] = [
  [
    'a host port',
    policy(ports),
    podOf({}, { ports: [{ containerPort: 1 }, { containerPort: 2, hostPort: 2 }] }),
    [
      {
        field: 'spec.containers[0].ports[1].hostPort',
        pointer: '/spec/containers/0/ports/1/hostPort',
        message: 'choose a host port from 80-81 or 9, or do without one',
        allowed: ['80-81', '9'],
      },
    ],
  ],
  [
    'a port under hostNetwork',
    policy({ ...ports, hostNetwork: true }),
    podOf({ hostNetwork: true }, { ports: [{ containerPort: 1 }] }),
    [
      {
        pointer: '/spec/containers/0/ports/0/containerPort',
        message: expect.stringContaining('choose one from 80-81 or 9'),
      },
    ],
  ],
  [
    'a kind of volume',
    policy({ volumes: ['secret', 'nfs'] }),
    podOf({
      volumes: [
        { name: 'ok', nfs: {} },
        { name: 'v', emptyDir: {} },
      ],
    }),
    [
      {
        pointer: '/spec/volumes/1',
        message: 'choose another kind of volume for "v": secret or nfs',
        allowed: ['secret', 'nfs'],
      },
    ],
  ],
  [
    'to do without volumes',
    policy(),
    podOf({
      volumes: [
        { name: 'a', nfs: {} },
        { name: 'b', emptyDir: {} },
      ],
    }),
    [
      { pointer: '/spec/volumes/0', allowed: [] },
      { pointer: '/spec/volumes/1', allowed: [] },
    ],
  ],
  [
    'a path',
    policy({
      volumes: ['*'],
      allowedHostPaths: [{ pathPrefix: '/a', readOnly: true }, { pathPrefix: '/b' }],
    }),
    podOf({ volumes: [{ name: 'v', hostPath: { path: '/c' } }] }, { volumeMounts: [{ name: 'v' }] }),
    [{ field: 'spec.volumes[0].hostPath.path', allowed: ['/a (read-only)', '/b'] }],
  ],
  [
    'a driver',
    policy({ volumes: ['*'], allowedFlexVolumes: [{ driver: 'a/b' }], allowedCSIDrivers: [{ name: 'c.d' }] }),
    podOf({
      volumes: [
        { name: 'v', flexVolume: { driver: 'x' } },
        { name: 'w', csi: { driver: 'y' } },
      ],
    }),
    [
      { pointer: '/spec/volumes/0/flexVolume/driver', allowed: ['a/b'] },
      { pointer: '/spec/volumes/1/csi/driver', allowed: ['c.d'] },
    ],
  ],
  [
    'a seccomp profile',
    policy({}, { [`${SECCOMP}/allowedProfileNames`]: 'localhost/a,localhost/b' }),
    podOf({}),
    [{ field: 'spec.securityContext.seccompProfile', allowed: ['localhost/a', 'localhost/b'] }],
  ],
];

describe('a fix', () => {
  it.each(PATCHES)('%s', (_name, source, pod, patch) => {
    expect(fix(source, pod)).toEqual({
      policy: 'sample',
      patch: expect.any(Array),
      choices: [],
      impossible: null,
    });
    const { patch: found } = fix(source, pod);
    expect([...found].sort(byPath)).toEqual([...patch].sort(byPath));
    expect(admits(source, applied(pod, found))).toBe(true);
  });

  it.each(CHOICES)('leaves the choice of %s to the author', (_name, source, pod, choices) => {
    expect(fix(source, pod)).toMatchObject({ patch: [], choices, impossible: null });
  });

  it('does what needs no choice beside what does', () => {
    const pod = podOf({ hostPID: true }, { ports: [{ containerPort: 2, hostPort: 2 }] });
    expect(fix(policy(ports), pod)).toMatchObject({
      patch: remove('/spec/hostPID'),
      choices: [{ allowed: ['80-81', '9'] }],
    });
  });

  it('speaks of places in the submitted object', () => {
    const pod = podOf({ hostPID: true }, { ports: [{ containerPort: 2, hostPort: 2 }] });
    expect(fix(policy(ports), pod, '/spec/template')).toMatchObject({
      patch: remove('/spec/template/spec/hostPID'),
      choices: [
        {
          field: 'spec.containers[0].ports[0].hostPort',
          pointer: '/spec/template/spec/containers/0/ports/0/hostPort',
        },
      ],
    });
  });

  it('says so where none exists', () => {
    const refusing = policy({}, { [`${SECCOMP}/defaultProfileName`]: 'runtime/default' });
    expect(fix(refusing, podOf({}))).toEqual({
      policy: 'sample',
      patch: [],
      choices: [],
      impossible: 'no change of the manifest helps: seccomp may not be set',
    });
  });

  it.each([
    ['each of them another', (index: number) => index + 1],
    ['all of them the same', () => 1],
  ])('takes back very many host ports in the time of each, %s', (_, portOf) => {
    const ports = Array.from({ length: 40_000 }, (__, index) => ({
      containerPort: 1,
      hostPort: portOf(index),
    }));
    expect(fix(policy(), podOf({}, { ports })).patch).toHaveLength(ports.length);
  });

  it('names the choice of each of very many volumes without looking through all the others for it', () => {
    const volumes = Array.from({ length: 40_000 }, (_, index) => ({
      name: `v${index}`,
      hostPath: { path: '/' },
    }));
    const { choices } = fix(policy({ volumes: ['emptyDir'] }), podOf({ volumes }));
    expect(choices).toHaveLength(volumes.length);
    expect(choices.at(-1)).toMatchObject({ pointer: `/spec/volumes/${volumes.length - 1}` });
  });

  it('exists for every pod that a policy rejects which admits any, works, and has no operation too many', () => {
    let patched = 0;
    fc.assert(
      fc.property(somePolicy, somePod, (source, pod) => {
        if (admits(source, pod) || lintPolicy(source)[0]?.code === 'UNUSABLE') return;
        const { patch, choices, impossible } = fix(source, pod);
        if (impossible !== null) {
          expect(lintPolicy(source)[0]?.code).toBe('ADMITS_NOTHING');
          return;
        }
        if (choices.length > 0) return;
        patched++;
        expect(admits(source, applied(pod, patch))).toBe(true);
        for (const operation of patch) {
          expect(
            admits(
              source,
              applied(
                pod,
                patch.filter((one) => one !== operation),
              ),
            ),
          ).toBe(false);
        }
      }),
      { numRuns: 1500 },
    );
    expect(patched).toBeGreaterThan(200);
  }, 120_000);
});

function byPath(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

/** RFC 6902 for the operations that fixes have, on a copy. */
function applied(pod: Pod, operations: readonly FixOperation[]): Pod {
  const copy = structuredClone(pod) as unknown as Record<string, JsonValue>;
  for (const operation of operations) {
    const tokens = operation.path
      .split('/')
      .slice(1)
      .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = tokens.pop() ?? '';
    let holder = copy;
    for (const token of tokens) holder = holder[token] as Record<string, JsonValue>;
    if (operation.op !== 'remove') holder[last] = operation.value;
    else if (Array.isArray(holder)) holder.splice(Number(last), 1);
    else delete holder[last];
  }
  return copy;
}
