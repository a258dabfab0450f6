import { describe, expect, test } from 'vitest';
import { compilePolicy } from '../../src/engine/index.js';
import type { JsonObject } from '../../src/kubernetes/json-value.js';
import {
  decodePolicy,
  parsePolicyManifest,
  policyYaml,
  readPolicyContent,
} from '../../src/kubernetes/policy-manifest.js';

const SERVED = `apiVersion: extensions/v1beta1
kind: PodSecurityPolicy
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"apiVersion":"policy/v1beta1"}
    seccomp.security.alpha.kubernetes.io/allowedProfileNames: "*"
  creationTimestamp: "2021-03-04T05:06:07Z"
  managedFields:
  - manager: kubectl
    fieldsV1: {"f:spec": {}}
  name: restricted
  resourceVersion: "123"
  uid: 6a1b
spec:
  privileged: no
  runAsUser:
    rule: MustRunAs
    ranges:
    - {min: 1, max: 9223372036854775807}
  seLinux: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  volumes: [configMap, null]
  hostPorts: null
  unheardOf: 1
`;

const CONTENT =
  '{"apiVersion":"policy/v1beta1","kind":"PodSecurityPolicy","metadata":{"annotations":' +
  '{"seccomp.security.alpha.kubernetes.io/allowedProfileNames":"*"},"name":"restricted"},"spec":{"fsGroup":' +
  '{"rule":"RunAsAny"},"privileged":false,"runAsUser":{"ranges":[{"max":9223372036854775807,"min":1}],"rule":' +
  '"MustRunAs"},"seLinux":{"rule":"RunAsAny"},"supplementalGroups":{"rule":"RunAsAny"},"volumes":["configMap",""]}}';

function read(text: string) {
  const parsed = parsePolicyManifest(text, 'yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}

describe('a policy as kubectl get prints it', () => {
  test('is reduced to what counts, in canonical form and with exact integers', () => {
    const { manifest, warnings } = read(SERVED);
    expect(manifest.content).toBe(CONTENT);
    expect(manifest.annotations).toEqual({ 'seccomp.security.alpha.kubernetes.io/allowedProfileNames': '*' });
    expect(warnings).toEqual(['unknown field "spec.unheardOf"']);
  });

  test('is the same from its stored content', () => {
    expect(readPolicyContent(CONTENT)).toEqual(read(SERVED).manifest);
  });

  test('is found in the text', () => {
    expect(read(SERVED).locate('/spec/runAsUser/ranges/0/max')).toEqual({ line: 20, column: 16 });
  });

  test('is taken by the engine as it is', () => {
    expect(compilePolicy(read(SERVED.replace(', null]', ']')).manifest).ok).toBe(true);
  });

  test('is written as YAML that is read back as the same content', () => {
    const yaml = policyYaml(CONTENT);
    expect(yaml).toContain('name: restricted\nspec:\n');
    expect(read(yaml).manifest.content).toBe(CONTENT);
  });

  test('is written with lists of any length', () => {
    const allowedUnsafeSysctls = Array.from({ length: 150_000 }, (_, index) => `kernel.a${index}`);
    const yaml = policyYaml(JSON.stringify({ kind: 'x', spec: { allowedUnsafeSysctls } }));
    expect(yaml.split('\n')).toHaveLength(150_000 + 4);
  });
});

describe('refusals', () => {
  test.each([
    ['nothing', '# c', { message: 'expected one PodSecurityPolicy, found no object' }],
    [
      'two objects',
      'a: 1\n---\nb: 1',
      { message: 'expected one PodSecurityPolicy, found 2 objects', line: 3, column: 1 },
    ],
  ])('%s', (_, text, problem) => {
    expect(parsePolicyManifest(text, 'yaml')).toMatchObject({
      ok: false,
      code: 'INVALID',
      problems: [problem],
    });
  });

  test('text that is no YAML is malformed', () => {
    expect(parsePolicyManifest('a: [', 'yaml')).toMatchObject({
      ok: false,
      code: 'MALFORMED',
      problems: [{ line: 1 }],
    });
  });

  test('every wrong type is told with its place', () => {
    const text = 'apiVersion: policy/v1\nspec:\n  privileged: "true"\n  hostPorts:\n  - min: 1.5\nkind: 5\n';
    expect(parsePolicyManifest(text, 'yaml')).toEqual({
      ok: false,
      code: 'INVALID',
      problems: [
        {
          message: 'must be "policy/v1beta1" or "extensions/v1beta1", but is the string "policy/v1"',
          pointer: '/apiVersion',
          type: 'NotSupported',
          field: 'apiVersion',
          value: 'policy/v1',
          line: 1,
          column: 1,
        },
        {
          message: 'must be "PodSecurityPolicy", but is the number 5',
          pointer: '/kind',
          type: 'NotSupported',
          field: 'kind',
          value: 5,
          line: 6,
          column: 1,
        },
        {
          message: 'must be true or false, but is the string "true"',
          pointer: '/spec/privileged',
          type: 'Invalid',
          field: 'spec.privileged',
          value: 'true',
          line: 3,
          column: 3,
        },
        {
          message: 'must be an integer of 32 bits, but is the number 1.5',
          pointer: '/spec/hostPorts/0/min',
          type: 'Invalid',
          field: 'spec.hostPorts[0].min',
          value: 1.5,
          line: 5,
          column: 5,
        },
      ],
    });
  });

  test.each<[string, JsonObject]>([
    ['spec.allowedCapabilities', { allowedCapabilities: Array.from({ length: 1_001 }, () => 'A') }],
    [
      'spec.requiredDropCapabilities',
      { requiredDropCapabilities: Array.from({ length: 60_000 }, () => 'A') },
    ],
  ])('a list of more than a thousand capabilities is too long: %s', (field, spec) => {
    const problem = { message: 'must have at most 1000 items', type: 'TooLong', field };
    expect(decodePolicy({ apiVersion: 'policy/v1beta1', kind: 'PodSecurityPolicy', spec })).toMatchObject({
      ok: false,
      code: 'INVALID',
      problems: [problem],
    });
    const content = JSON.stringify({ metadata: { name: 'a' }, spec });
    // What was stored before stays in force.
    expect(readPolicyContent(content).spec).toEqual(spec);
  });

  test('what is no object is no policy', () => {
    expect(decodePolicy('x')).toEqual({
      ok: false,
      code: 'INVALID',
      problems: [{ message: 'expected a PodSecurityPolicy, found the string "x"', pointer: '' }],
    });
  });

  test('stored content that is no object is a mistake of the program', () => {
    expect(() => readPolicyContent('1')).toThrow(SyntaxError);
  });
});

test('a namespace is kept, since the engine must refuse it', () => {
  const read = decodePolicy({
    apiVersion: 'policy/v1beta1',
    kind: 'PodSecurityPolicy',
    metadata: { name: 'a', namespace: 'b' },
  });
  expect(read.ok && read.manifest.namespace).toBe('b');
});
