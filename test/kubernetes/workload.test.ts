import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/kubernetes/json-value.js';
import { podOf } from '../../src/kubernetes/workload.js';

const template: JsonObject = { metadata: { labels: { a: 'b' } }, spec: { containers: [] } };

test.each([
  ['v1', 'PodTemplate', 'template', { template }],
  ['v1', 'ReplicationController', 'spec.template', { spec: { template } }],
  ['apps/v1', 'Deployment', 'spec.template', { spec: { template } }],
  ['apps/v1beta1', 'Deployment', 'spec.template', { spec: { template } }],
  ['apps/v1beta2', 'StatefulSet', 'spec.template', { spec: { template } }],
  ['extensions/v1beta1', 'DaemonSet', 'spec.template', { spec: { template } }],
  ['apps/v1', 'ReplicaSet', 'spec.template', { spec: { template } }],
  ['batch/v1', 'Job', 'spec.template', { spec: { template } }],
  [
    'batch/v1',
    'CronJob',
    'spec.jobTemplate.spec.template',
    { spec: { jobTemplate: { spec: { template } } } },
  ],
  [
    'batch/v2alpha1',
    'CronJob',
    'spec.jobTemplate.spec.template',
    { spec: { jobTemplate: { spec: { template } } } },
  ],
])('%s %s bears its pod at %s', (apiVersion, kind, podPath, rest) => {
  expect(podOf({ apiVersion, kind, metadata: { name: 'web', namespace: 'team' }, ...rest })).toEqual({
    kind: 'pod',
    apiVersion,
    objectKind: kind,
    namespace: 'team',
    name: 'web',
    pod: template,
    podPath,
    podPointer: `/${podPath.replaceAll('.', '/')}`,
  });
});

test('a Pod is its own pod, named by what its name will begin with', () => {
  const pod: JsonObject = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'web-' }, spec: {} };
  expect(podOf(pod)).toMatchObject({
    kind: 'pod',
    pod,
    podPath: '',
    podPointer: '',
    name: 'web-',
    namespace: null,
  });
});

test('a workload without a template has an empty one', () => {
  expect(podOf({ apiVersion: 'apps/v1', kind: 'Deployment', spec: null })).toMatchObject({
    kind: 'pod',
    pod: {},
  });
});

test.each([
  ['v1', 'Service'],
  ['batch.volcano.sh/v1alpha1', 'Job'],
  ['apps/v1', 'Pod'],
  ['v1', 'constructor'],
])('%s %s is skipped', (apiVersion, kind) => {
  expect(podOf({ apiVersion, kind })).toEqual({
    kind: 'skipped',
    apiVersion,
    objectKind: kind,
    namespace: null,
    name: null,
  });
});

test('what has no type is no object of Kubernetes', () => {
  expect(podOf({ kind: 3, apiVersion: '' })).toEqual({
    kind: 'invalid',
    problems: [
      {
        message: 'apiVersion is missing: this is no Kubernetes object',
        pointer: '/apiVersion',
        type: 'Required',
        field: 'apiVersion',
      },
      {
        message: 'must be a string, but is the number 3',
        pointer: '/kind',
        type: 'Invalid',
        field: 'kind',
        value: 3,
      },
    ],
  });
});

test('a template that is no object is told with its place', () => {
  expect(podOf({ apiVersion: 'apps/v1', kind: 'Deployment', spec: { template: [1] } })).toEqual({
    kind: 'invalid',
    problems: [
      {
        message: 'must be an object, but is a list',
        pointer: '/spec/template',
        type: 'Invalid',
        field: 'spec.template',
        value: [1],
      },
    ],
  });
});
