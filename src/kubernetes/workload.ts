import type { InputProblem } from './input-problem.js';
import {
  describeValue,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  objectAt,
  textMember,
} from './json-value.js';

/** Where the pod stands in an object, as the path that Kubernetes would print; `''` for a Pod itself. */
type PodPath = '' | 'template' | 'spec.template' | 'spec.jobTemplate.spec.template';

/** What names an object; each part is null where the object doesn't say it. */
interface ObjectIdentity {
  readonly apiVersion: string;
  readonly objectKind: string;
  readonly namespace: string | null;
  /** `metadata.name`, else `metadata.generateName` as it is. */
  readonly name: string | null;
}

/** A pod found in an object. */
export interface PodInWorkload extends ObjectIdentity {
  readonly kind: 'pod';
  /** `{metadata, spec}`: the object itself for a Pod, else its template, `{}` where there is none. */
  readonly pod: JsonObject;
  readonly podPath: PodPath;
  /** The same as a JSON Pointer: `/spec/template`. */
  readonly podPointer: string;
}

/** An object of a kind that bears no pod. */
export interface SkippedObject extends ObjectIdentity {
  readonly kind: 'skipped';
}

/** An object that can't be told apart from others, or whose pod is none. */
export interface InvalidObject {
  readonly kind: 'invalid';
  readonly problems: readonly InputProblem[];
}

const APPS = ['apps/v1', 'apps/v1beta2', 'apps/v1beta1', 'extensions/v1beta1'];

/**
 * The kinds that bear a pod, the group versions that ever served them and where the pod stands. A kind of another
 * group (a `Job` of a batch system, say) has nothing to do with pods.
 */
const WORKLOADS: ReadonlyMap<string, { readonly apiVersions: readonly string[]; readonly podPath: PodPath }> =
  new Map([
    ['Pod', { apiVersions: ['v1'], podPath: '' }],
    ['PodTemplate', { apiVersions: ['v1'], podPath: 'template' }],
    ['ReplicationController', { apiVersions: ['v1'], podPath: 'spec.template' }],
    ['Deployment', { apiVersions: APPS, podPath: 'spec.template' }],
    ['ReplicaSet', { apiVersions: APPS, podPath: 'spec.template' }],
    ['DaemonSet', { apiVersions: APPS, podPath: 'spec.template' }],
    ['StatefulSet', { apiVersions: APPS, podPath: 'spec.template' }],
    ['Job', { apiVersions: ['batch/v1', 'extensions/v1beta1'], podPath: 'spec.template' }],
    [
      'CronJob',
      {
        apiVersions: ['batch/v1', 'batch/v1beta1', 'batch/v2alpha1'],
        podPath: 'spec.jobTemplate.spec.template',
      },
    ],
  ]);

/** Finds the pod that an object bears: the Pod itself, or a workload's template. */
export function podOf(object: JsonObject): PodInWorkload | SkippedObject | InvalidObject {
  const apiVersion = member(object, 'apiVersion') ?? null;
  const objectKind = member(object, 'kind') ?? null;
  if (
    typeof apiVersion !== 'string' ||
    typeof objectKind !== 'string' ||
    apiVersion === '' ||
    objectKind === ''
  ) {
    return {
      kind: 'invalid',
      problems: [...missingType('apiVersion', apiVersion), ...missingType('kind', objectKind)],
    };
  }
  const metadata = objectAt(object, 'metadata');
  const identity: ObjectIdentity = {
    apiVersion,
    objectKind,
    namespace: textMember(metadata, 'namespace') ?? null,
    name: (textMember(metadata, 'name') || textMember(metadata, 'generateName')) ?? null,
  };
  const workload = WORKLOADS.get(objectKind);
  if (workload === undefined || !workload.apiVersions.includes(apiVersion))
    return { kind: 'skipped', ...identity };
  return podAt(object, workload.podPath, identity);
}

function podAt(
  object: JsonObject,
  podPath: PodPath,
  identity: ObjectIdentity,
): PodInWorkload | InvalidObject {
  let pod: JsonObject = object;
  let pointer = '';
  let field = '';
  for (const key of podPath === '' ? [] : podPath.split('.')) {
    const next = member(pod, key) ?? {};
    pointer += `/${key}`;
    field += field === '' ? key : `.${key}`;
    if (!isObject(next)) {
      const message = `must be an object, but is ${describeValue(next)}`;
      return { kind: 'invalid', problems: [{ message, pointer, type: 'Invalid', field, value: next }] };
    }
    pod = next;
  }
  return { kind: 'pod', ...identity, pod, podPath, podPointer: pointer };
}

function missingType(field: string, value: JsonValue): InputProblem[] {
  const pointer = `/${field}`;
  if (value === null || value === '') {
    return [
      { message: `${field} is missing: this is no Kubernetes object`, pointer, type: 'Required', field },
    ];
  }
  if (typeof value === 'string') return [];
  return [
    { message: `must be a string, but is ${describeValue(value)}`, pointer, type: 'Invalid', field, value },
  ];
}
