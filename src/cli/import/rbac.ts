import {
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  objectAt,
  textMember,
} from '../../kubernetes/json-value.js';
import type { Subject } from '../../model/assignment.js';
import { type LabelSelector, readSelector } from './label-selector.js';

/** What a role allows on resources: RBAC's PolicyRule without URLs. Absent lists are empty. */
export interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Empty: any name. */
  readonly resourceNames: readonly string[];
}

/** A ClusterRole, or a Role of a namespace. */
export interface Role {
  readonly name: string;
  /** null: a ClusterRole. */
  readonly namespace: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: readonly Rule[];
  /** Selects the ClusterRoles whose rules this one has too. */
  readonly aggregates: readonly LabelSelector[];
}

/** A ClusterRoleBinding, or a RoleBinding of a namespace. */
export interface Binding {
  readonly name: string;
  /** null: a ClusterRoleBinding. */
  readonly namespace: string | null;
  /** Of what kind the role is, and its name. */
  readonly role: { readonly kind: 'ClusterRole' | 'Role'; readonly name: string };
  readonly subjects: readonly Subject[];
}

/** The RBAC objects among others. */
export interface Rbac {
  readonly roles: readonly Role[];
  readonly bindings: readonly Binding[];
}

const GROUP = 'rbac.authorization.k8s.io/';
const ROLE_KINDS = ['ClusterRole', 'Role'];
const BINDING_KINDS = ['ClusterRoleBinding', 'RoleBinding'];

/** Whether an object says something about access. */
function isRbac(object: JsonObject): boolean {
  const kind = textMember(object, 'kind') ?? '';
  const isOfGroup = textMember(object, 'apiVersion')?.startsWith(GROUP) === true;
  return isOfGroup && [...ROLE_KINDS, ...BINDING_KINDS].includes(kind);
}

/** Reads the roles and bindings among the objects. What in them has a wrong type grants nothing, as it would not exist. */
export function readRbac(objects: readonly JsonObject[]): Rbac {
  const ofKinds = (kinds: readonly string[]) =>
    objects.filter((object) => isRbac(object) && kinds.includes(textMember(object, 'kind') ?? ''));
  return { roles: ofKinds(ROLE_KINDS).map(readRole), bindings: ofKinds(BINDING_KINDS).map(readBinding) };
}

function readRole(object: JsonObject): Role {
  const selectors = member(objectAt(object, 'aggregationRule') ?? {}, 'clusterRoleSelectors');
  return {
    ...identity(object),
    labels: textsByKey(objectAt(object, 'metadata', 'labels')),
    rules: objectsIn(member(object, 'rules')).map((rule) => ({
      verbs: textsIn(member(rule, 'verbs')),
      apiGroups: textsIn(member(rule, 'apiGroups')),
      resources: textsIn(member(rule, 'resources')),
      resourceNames: textsIn(member(rule, 'resourceNames')),
    })),
    aggregates: objectsIn(selectors).map(readSelector),
  };
}

function readBinding(object: JsonObject): Binding {
  const { name, namespace } = identity(object);
  const reference = objectAt(object, 'roleRef');
  const kind = textMember(reference, 'kind') === 'Role' && namespace !== null ? 'Role' : 'ClusterRole';
  return {
    name,
    namespace,
    role: { kind, name: textMember(reference, 'name') ?? '' },
    subjects: objectsIn(member(object, 'subjects')).flatMap((subject) => readSubject(subject, namespace)),
  };
}

/** A service account without a namespace lives in the binding's; in a ClusterRoleBinding it is nobody. */
function readSubject(subject: JsonObject, bindingNamespace: string | null): Subject[] {
  const name = textMember(subject, 'name') ?? '';
  const kind = textMember(subject, 'kind');
  if (name === '') return [];
  if (kind === 'User' || kind === 'Group') return [{ kind, name }];
  const namespace = textMember(subject, 'namespace') || bindingNamespace;
  return kind === 'ServiceAccount' && namespace !== null ? [{ kind, name, namespace }] : [];
}

/** Objects of the cluster have no namespace, whatever they say. */
function identity(object: JsonObject): { readonly name: string; readonly namespace: string | null } {
  const metadata = objectAt(object, 'metadata');
  const ofCluster = textMember(object, 'kind')?.startsWith('Cluster') === true;
  return {
    name: textMember(metadata, 'name') ?? '',
    namespace: ofCluster ? null : (textMember(metadata, 'namespace') ?? 'default'),
  };
}

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : [];
}

function textsIn(value: JsonValue | undefined): readonly string[] {
  return isList(value) ? value.filter((each) => typeof each === 'string') : [];
}

function textsByKey(object: JsonObject | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(object ?? {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
