import { expect, test } from 'vitest';
import { fieldPointer, pointerOfField } from '../../src/kubernetes/field-pointer.js';
import type { JsonObject, JsonValue } from '../../src/kubernetes/json-value.js';

const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod';
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/a';

const POD: JsonObject = {
  metadata: {
    annotations: { [APPARMOR]: 'unconfined', 'container.seccomp.security.alpha.kubernetes.io/b': 'x' },
  },
  spec: {
    securityContext: { seccompProfile: { type: 'Unconfined' } },
    initContainers: [{ name: 'i', ports: [{ containerPort: 8080 }] }],
    containers: [
      {
        name: 'a',
        ports: [
          { containerPort: 80, hostPort: 8000 },
          { containerPort: 443, hostPort: 4430 },
        ],
      },
      { name: 'b', securityContext: { seccompProfile: { type: 'Unconfined' } } },
      { name: 'c' },
    ],
  },
};

test.each<[string, JsonValue, string]>([
  ['spec.securityContext.hostNetwork', true, '/spec/hostNetwork'],
  ['spec.securityContext.hostPID', true, '/spec/hostPID'],
  ['spec.securityContext.hostIPC', true, '/spec/hostIPC'],
  ['spec.containers[0].securityContext.privileged', true, '/spec/containers/0/securityContext/privileged'],
  [
    'spec.containers[0].securityContext.capabilities.add',
    'A',
    '/spec/containers/0/securityContext/capabilities/add',
  ],
  ['spec.containers[0].securityContext', 0, '/spec/containers/0/securityContext/runAsGroup'],
  ['spec.containers[0].hostPort', 4430, '/spec/containers/0/ports/1/hostPort'],
  ['spec.initContainers[0].hostPort', 8080, '/spec/initContainers/0/ports/0/containerPort'],
  ['spec.containers[0].hostPort', 1, '/spec/containers/0/ports'],
  ['spec.containers[7].hostPort', 1, '/spec/containers/7/ports'],
  ['spec.containers[0].volumeMounts[2].readOnly', false, '/spec/containers/0/volumeMounts/2/readOnly'],
  ['spec.volumes[1]', 'nfs', '/spec/volumes/1'],
  ['spec.volumes[1].driver', 'x', '/spec/volumes/1/flexVolume/driver'],
  ['spec.volumes[1].csi.driver', 'x', '/spec/volumes/1/csi/driver'],
  ['spec.volumes[1].hostPath.pathPrefix', '/', '/spec/volumes/1/hostPath/path'],
  ['pod.spec.securityContext.sysctls[1]', '', '/spec/securityContext/sysctls/1'],
  [
    `pod.metadata.annotations[${APPARMOR}]`,
    '',
    '/metadata/annotations/container.apparmor.security.beta.kubernetes.io~1a',
  ],
  [`pod.metadata.annotations[${SECCOMP}]`, '', '/spec/securityContext/seccompProfile'],
  [
    'pod.metadata.annotations[container.seccomp.security.alpha.kubernetes.io/b]',
    '',
    '/spec/containers/1/securityContext/seccompProfile',
  ],
  [
    'pod.metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]',
    '',
    '/spec/securityContext/seccompProfile',
  ],
])('%s (%j) stands at %3$s', (field, value, pointer) => {
  expect(fieldPointer(field, value, POD)).toBe(pointer);
  expect(fieldPointer(field, value, POD, '/spec/template')).toBe(`/spec/template${pointer}`);
});

test('a seccomp annotation that is there is where the profile comes from', () => {
  const pod: JsonObject = { ...POD, metadata: { annotations: { [SECCOMP]: 'x' } } };
  expect(fieldPointer(`pod.metadata.annotations[${SECCOMP}]`, '', pod)).toBe(
    '/metadata/annotations/seccomp.security.alpha.kubernetes.io~1pod',
  );
});

test.each([
  ['spec.allowedHostPaths[0].pathPrefix', '/spec/allowedHostPaths/0/pathPrefix'],
  ['metadata.annotations[a.b/c~d]', '/metadata/annotations/a.b~1c~0d'],
  ['metadata.annotations[a]b]', '/metadata/annotations/a]b'],
  ['requiredDropCapabilities', '/requiredDropCapabilities'],
  ['', ''],
])('taken literally, %j is %j', (field, pointer) => {
  expect(pointerOfField(field)).toBe(pointer);
});
