import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/kubernetes/json-value.js';
import { POD_FIELDS } from '../../src/kubernetes/pod-fields.js';
import { decodePod } from '../../src/kubernetes/pod-schema.js';

function pod(container: JsonObject, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { metadata, spec: { ...spec, containers: [{ name: 'a', ...container }] } };
}

const CONTAINER = '/spec/containers/0';
const FIELD = 'spec.containers[0]';

describe('types are checked as the API server decodes them', () => {
  test.each<[string, JsonValue, string, string, string]>([
    [
      'a uid as text',
      pod({ securityContext: { runAsUser: '1000' } }),
      `${CONTAINER}/securityContext/runAsUser`,
      `${FIELD}.securityContext.runAsUser`,
      'must be an integer of 64 bits, but is the string "1000"',
    ],
    [
      'a fraction of a uid',
      pod({ securityContext: { runAsUser: 1.5 } }),
      `${CONTAINER}/securityContext/runAsUser`,
      `${FIELD}.securityContext.runAsUser`,
      'must be an integer of 64 bits, but is the number 1.5',
    ],
    [
      'a uid beyond int64',
      pod({ securityContext: { runAsUser: 2n ** 63n } }),
      `${CONTAINER}/securityContext/runAsUser`,
      `${FIELD}.securityContext.runAsUser`,
      'must be an integer of 64 bits, but is the number 9223372036854775808',
    ],
    [
      'a port as text',
      pod({ ports: [{ hostPort: '80' }] }),
      `${CONTAINER}/ports/0/hostPort`,
      `${FIELD}.ports[0].hostPort`,
      'must be an integer of 32 bits, but is the string "80"',
    ],
    [
      'a port beyond int32',
      pod({ ports: [{ hostPort: 2 ** 31 }] }),
      `${CONTAINER}/ports/0/hostPort`,
      `${FIELD}.ports[0].hostPort`,
      'must be an integer of 32 bits, but is the number 2147483648',
    ],
    [
      'a boolean as text',
      pod({}, { hostNetwork: 'true' }),
      '/spec/hostNetwork',
      'spec.hostNetwork',
      'must be true or false, but is the string "true"',
    ],
    [
      'a boolean as a number',
      pod({ tty: 1 }),
      `${CONTAINER}/tty`,
      `${FIELD}.tty`,
      'must be true or false, but is the number 1',
    ],
    [
      'a number as an argument',
      pod({ args: ['a', 1] }),
      `${CONTAINER}/args/1`,
      `${FIELD}.args[1]`,
      'must be a string, but is the number 1',
    ],
    [
      'text for a list',
      pod({ args: 'a' }),
      `${CONTAINER}/args`,
      `${FIELD}.args`,
      'must be a list, but is the string "a"',
    ],
    [
      'an object for a list',
      { spec: { containers: { name: 'a' } } },
      '/spec/containers',
      'spec.containers',
      'must be a list, but is an object',
    ],
    [
      'text for an object',
      pod({}, { securityContext: 'x' }),
      '/spec/securityContext',
      'spec.securityContext',
      'must be an object, but is the string "x"',
    ],
    [
      'a boolean as an annotation',
      pod({}, {}, { annotations: { 'a/b': true } }),
      '/metadata/annotations/a~1b',
      'metadata.annotations[a/b]',
      'must be a string, but is the boolean true',
    ],
    [
      'a quantity with an unknown suffix',
      pod({ resources: { limits: { cpu: '1x' } } }),
      `${CONTAINER}/resources/limits/cpu`,
      `${FIELD}.resources.limits[cpu]`,
      'must be a quantity such as "500m" or "1Gi", but is the string "1x"',
    ],
    [
      'a boolean as a probe port',
      pod({ livenessProbe: { httpGet: { port: true } } }),
      `${CONTAINER}/livenessProbe/httpGet/port`,
      `${FIELD}.livenessProbe.httpGet.port`,
      'must be a string or an integer of 32 bits, but is the boolean true',
    ],
    [
      'a time that is none',
      pod({}, {}, { creationTimestamp: '2021-02-30T00:00:00Z' }),
      '/metadata/creationTimestamp',
      'metadata.creationTimestamp',
      'must be a time as in RFC 3339, but is the string "2021-02-30T00:00:00Z"',
    ],
    ['a pod that is none', [], '', '', 'must be an object, but is a list'],
  ])('%s', (_, value, pointer, field, message) => {
    const { errors } = decodePod(value, { required: false });
    expect(errors).toMatchObject([{ type: 'Invalid', pointer, field, message }]);
  });

  test.each<[string, JsonObject]>([
    ['the largest uid', pod({ securityContext: { runAsUser: 2n ** 63n - 1n } })],
    [
      'null for anything',
      { metadata: null, spec: { containers: [{ name: null, securityContext: null, ports: [null] }] } },
    ],
    [
      'quantities',
      pod({ resources: { limits: { a: '1Gi', b: '-1.5e3', c: '.5', d: 2, e: '100m', f: '5E' } } }),
    ],
    [
      'a named port and a numbered one',
      pod({ livenessProbe: { httpGet: { port: 'http' } }, readinessProbe: { tcpSocket: { port: 80 } } }),
    ],
    [
      'times',
      pod({}, {}, { creationTimestamp: '2020-02-29T23:59:59.123456789+01:00', deletionTimestamp: null }),
    ],
    ['managed fields of any shape', pod({}, {}, { managedFields: [{ fieldsV1: { 'f:a': [1, 'x'] } }] })],
  ])('%s is right', (_, value) => {
    expect(decodePod(value, { required: false })).toMatchObject({ errors: [], warnings: [] });
  });

  test('everything wrong is told at once, with the place of the pod in its workload before it', () => {
    const { errors } = decodePod(pod({ tty: 1, stdin: 2 }), {
      required: false,
      podPointer: '/spec/template',
      podPath: 'spec.template',
    });
    expect(errors.map(({ pointer, field }) => [pointer, field])).toEqual([
      ['/spec/template/spec/containers/0/tty', 'spec.template.spec.containers[0].tty'],
      ['/spec/template/spec/containers/0/stdin', 'spec.template.spec.containers[0].stdin'],
    ]);
  });
});

describe('missing fields', () => {
  test('are errors only when asked for', () => {
    const value: JsonObject = { spec: { containers: [{ ports: [{}] }], volumes: [{ hostPath: {} }] } };
    expect(decodePod(value, { required: false }).errors).toEqual([]);
    expect(
      decodePod(value, { required: true }).errors.map(({ type, field, message }) => [type, field, message]),
    ).toEqual([
      ['Required', 'spec.containers[0].ports[0].containerPort', 'Required value'],
      ['Required', 'spec.containers[0].name', 'Required value'],
      ['Required', 'spec.volumes[0].hostPath.path', 'Required value'],
      ['Required', 'spec.volumes[0].name', 'Required value'],
    ]);
  });

  test.each<[string, JsonObject, string]>([
    ['', {}, 'spec.containers'],
    ['', { metadata: { name: 'a' }, spec: null }, 'spec.containers'],
    ['spec.template', {}, 'spec.template.spec.containers'],
  ])('a pod without a spec at %j has no container: %j', (podPath, value, field) => {
    const pointer = `/${field.replaceAll('.', '/')}`;
    const podPointer = podPath === '' ? '' : `/${podPath.replaceAll('.', '/')}`;
    expect(decodePod(value, { required: true, podPath, podPointer }).errors).toEqual([
      { type: 'Required', field, pointer, message: 'Required value' },
    ]);
    expect(decodePod(value, { required: false, podPath, podPointer }).errors).toEqual([]);
  });

  test.each<[JsonObject]>([[{}], [{ containers: null }], [{ containers: [] }]])(
    'a pod needs a container: %j',
    (spec) => {
      expect(decodePod({ spec }, { required: true }).errors).toMatchObject([
        { type: 'Required', pointer: '/spec/containers' },
      ]);
    },
  );
});

describe('unknown fields', () => {
  test('are warnings with their path, and names are case-sensitive', () => {
    const { errors, warnings } = decodePod(
      pod({ Image: 'x', securityContext: { capabilites: {} } }, { hostnetwork: 'x' }),
      { required: false },
    );
    expect(errors).toEqual([]);
    expect(warnings).toEqual([
      'unknown field "spec.hostnetwork"',
      'unknown field "spec.containers[0].Image"',
      'unknown field "spec.containers[0].securityContext.capabilites"',
    ]);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is one of them', (key) => {
    const value: unknown = JSON.parse(`{"spec": {"containers": [{"name": "a"}], "${key}": 1}}`);
    // JSON.parse makes nothing but JSON values.
    expect(decodePod(value as JsonValue, { required: true }).warnings).toEqual([
      `unknown field "spec.${key}"`,
    ]);
  });
});

describe('the table', () => {
  const structs = new Set(Object.keys(POD_FIELDS));
  const leaves = new Set(['string', 'bool', 'int32', 'int64', 'quantity', 'intOrString', 'time', 'any']);

  test('names no type that it does not have', () => {
    const missing = Object.values(POD_FIELDS)
      .flatMap((fields) => fields.split(' ').map((field) => field.replace(/^.*:(?:\[\]|\{\})*/, '')))
      .filter((type) => !structs.has(type) && !leaves.has(type));
    expect(missing).toEqual([]);
  });

  test('is as new as the package that it was made from', () => {
    const made = /from kubernetes-models ([\d.]+)/.exec(
      readFileSync('src/kubernetes/pod-fields.ts', 'utf8'),
    )?.[1];
    const installed: unknown = JSON.parse(
      readFileSync('node_modules/kubernetes-models/package.json', 'utf8'),
    );
    expect(installed).toMatchObject({ version: made });
  });
});
