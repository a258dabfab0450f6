import { expect, test } from 'vitest';
import { apiWarnings } from '../../src/kubernetes/api-validation.js';
import type { JsonObject } from '../../src/kubernetes/json-value.js';

function pod(container: JsonObject, spec: JsonObject = {}, annotations: JsonObject = {}): JsonObject {
  return {
    metadata: { annotations },
    spec: { ...spec, containers: [{ name: 'a', image: 'i', ...container }] },
  };
}

const CONTEXT = 'spec.containers[0].securityContext';

test.each<[string, JsonObject, readonly string[]]>([
  [
    'a pod that the API takes',
    pod(
      { securityContext: { privileged: true, runAsUser: 2 ** 31 - 1 }, volumeMounts: [{ name: 'v' }] },
      { volumes: [{ name: 'v' }] },
    ),
    [],
  ],
  [
    'privileged without escalation',
    pod({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
    [
      `${CONTEXT}: Invalid value: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
    ],
  ],
  [
    'CAP_SYS_ADMIN without escalation',
    pod({ securityContext: { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } } }),
    [
      `${CONTEXT}: Invalid value: cannot set \`allowPrivilegeEscalation\` to false and \`capabilities.Add\` CAP_SYS_ADMIN`,
    ],
  ],
  [
    'ids out of range',
    pod(
      { securityContext: { runAsUser: 2n ** 62n } },
      { securityContext: { fsGroup: -1, supplementalGroups: [0, 2 ** 31] } },
    ),
    [
      `${CONTEXT}.runAsUser: Invalid value: 4611686018427387904: must be between 0 and 2147483647, inclusive`,
      'spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'spec.securityContext.supplementalGroups[1]: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive',
    ],
  ],
  [
    'a host port that differs on the host network',
    pod({ ports: [{ containerPort: 1, hostPort: 2 }, { containerPort: 1 }] }, { hostNetwork: true }),
    [
      'spec.containers[0].ports[0].hostPort: Invalid value: 2: must match `containerPort` when `hostNetwork` is true',
    ],
  ],
  [
    'ephemeral containers',
    pod({}, { ephemeralContainers: [{ name: 'e', image: 'i' }] }),
    ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
  ],
  [
    'two containers of one name',
    pod({}, { initContainers: [{ name: 'a', image: 'i' }] }),
    ['spec.containers[0].name: Duplicate value: "a"'],
  ],
  ['no image', pod({ image: '' }), ['spec.containers[0].image: Required value']],
  [
    'two volumes of one name',
    pod({}, { volumes: [{ name: 'v' }, { name: 'v' }] }),
    ['spec.volumes[1].name: Duplicate value: "v"'],
  ],
  [
    'a volume of two types',
    pod({}, { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] }),
    ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'a path that climbs',
    pod({}, { volumes: [{ name: 'v', hostPath: { path: '/a/../b' } }] }),
    ['spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain \'..\''],
  ],
  [
    'a mount of no volume',
    pod({ volumeMounts: [{ name: 'w' }] }),
    ['spec.containers[0].volumeMounts[0].name: Not found: "w"'],
  ],
  [
    'two process namespaces',
    pod({}, { hostPID: true, shareProcessNamespace: true }),
    [
      'spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
    ],
  ],
  [
    'a seccomp annotation that says otherwise',
    pod(
      { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'x' } } },
      { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
      {
        'seccomp.security.alpha.kubernetes.io/pod': 'docker/default',
        'container.seccomp.security.alpha.kubernetes.io/a': 'localhost/y',
      },
    ),
    [`${CONTEXT}.seccompProfile.type: Forbidden: seccomp type in annotation and field must match`],
  ],
  [
    'AppArmor for no container, and a profile that is none',
    pod(
      {},
      {},
      {
        'container.apparmor.security.beta.kubernetes.io/b': 'unconfined',
        'container.apparmor.security.beta.kubernetes.io/a': 'x',
      },
    ),
    [
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/b]: Invalid value: "b": container not found',
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]: Invalid value: "x": invalid AppArmor profile name: "x"',
    ],
  ],
  [
    'Linux fields in a pod for Windows',
    pod(
      { securityContext: { readOnlyRootFilesystem: true, runAsNonRoot: true } },
      { os: { name: 'windows' }, hostPID: false, hostIPC: true, securityContext: { fsGroup: 1 } },
    ),
    [
      'spec.hostIPC: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod',
      `${CONTEXT}.readOnlyRootFilesystem: Forbidden: cannot be set for a windows pod`,
    ],
  ],
])('%s', (_, value, warnings) => {
  expect(apiWarnings(value)).toEqual(warnings);
});

test('paths begin with the place of the pod in its workload', () => {
  expect(apiWarnings(pod({ image: '' }), 'spec.template')).toEqual([
    'spec.template.spec.containers[0].image: Required value',
  ]);
});

test('an empty pod has nothing to warn of', () => {
  expect(apiWarnings({})).toEqual([]);
});
