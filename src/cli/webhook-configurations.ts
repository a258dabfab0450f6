import type { JsonObject, JsonValue } from '../kubernetes/json-value.js';

/** The name of both configurations. */
const CONFIGURATION_NAME = 'podgate';

/** How an API server shall call the webhook. */
export interface WebhookInstallation {
  readonly cluster: string;
  /** The webhook's address, without a slash at its end. */
  readonly url: string;
  /** Stands in the path; null: the API server identifies itself otherwise. */
  readonly secret: string | null;
  /** PEM; null: an authority that the API server trusts anyway. */
  readonly authority: string | null;
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly timeoutSeconds: number;
  readonly excludedNamespaces: readonly string[];
  /** Requirements of a label selector besides; only namespaces that fulfil them all. */
  readonly namespaceRequirements: readonly JsonObject[];
  /** The minor version of Kubernetes 1. */
  readonly kubernetesMinor: number;
}

const PODS = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: 'Namespaced' };
const CREATE_AND_UPDATE = ['CREATE', 'UPDATE'];

/** Pods on creation: what may be changed is changed then. */
const MUTATING_RULES: JsonValue = [{ ...PODS, operations: ['CREATE'] }];
/** Pods, the containers that they get later, and the workloads whose users are warned. */
const VALIDATING_RULES: JsonValue = [
  { ...PODS, operations: CREATE_AND_UPDATE },
  { ...PODS, operations: ['UPDATE'], resources: ['pods/ephemeralcontainers'] },
  {
    ...PODS,
    operations: CREATE_AND_UPDATE,
    resources: ['replicationcontrollers', 'podtemplates'],
  },
  {
    operations: CREATE_AND_UPDATE,
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'],
    scope: 'Namespaced',
  },
  {
    operations: CREATE_AND_UPDATE,
    apiGroups: ['batch'],
    apiVersions: ['*'],
    resources: ['jobs', 'cronjobs'],
    scope: 'Namespaced',
  },
];

/** The two objects that make an API server ask Podgate, for `kubectl apply`. */
export function webhookConfigurations(installation: WebhookInstallation): readonly JsonObject[] {
  const webhook = (name: string, rules: JsonValue): JsonObject => ({
    name: `${name}.admission.podgate`,
    clientConfig: clientConfig(installation, name),
    rules,
    failurePolicy: installation.failurePolicy,
    matchPolicy: 'Equivalent',
    sideEffects: 'NoneOnDryRun',
    timeoutSeconds: installation.timeoutSeconds,
    admissionReviewVersions: ['v1', 'v1beta1'],
    ...selection(installation),
  });
  const mutating = { ...webhook('mutate', MUTATING_RULES), reinvocationPolicy: 'IfNeeded' };
  return [
    { ...head('MutatingWebhookConfiguration'), webhooks: [mutating] },
    { ...head('ValidatingWebhookConfiguration'), webhooks: [webhook('validate', VALIDATING_RULES)] },
  ];
}

/** The same two objects as far as it takes to delete them. */
export function installedConfigurations(): readonly JsonObject[] {
  return [head('MutatingWebhookConfiguration'), head('ValidatingWebhookConfiguration')];
}

function head(kind: string): JsonObject {
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: CONFIGURATION_NAME } };
}

/** The name of a Service, which an API server finds by itself, without DNS. */
const SERVICE = /^([-a-z0-9]+)\.([-a-z0-9]+)\.svc$/;

function clientConfig({ url, cluster, secret, authority }: WebhookInstallation, phase: string): JsonObject {
  const path = `/admission/${secret === null ? cluster : `${cluster}/~${secret}`}/${phase}`;
  const trust: JsonObject = authority === null ? {} : { caBundle: Buffer.from(authority).toString('base64') };
  const { hostname, port, pathname } = new URL(url);
  const [, name, namespace] = SERVICE.exec(hostname) ?? [];
  // The path of a Service must consist of DNS names, which a secret is not.
  if (secret !== null || name === undefined || namespace === undefined || pathname !== '/') {
    return { url: `${url}${path}`, ...trust };
  }
  return { service: { name, namespace, port: Number(port || 443), path }, ...trust };
}

/** Every namespace bears its name as a label from 1.21 on. */
const NAME_LABEL_SINCE = 21;
/** Older API servers know no match conditions, and kubectl refuses them there. */
const MATCH_CONDITIONS_SINCE = 28;

function selection(installation: WebhookInstallation): JsonObject {
  const { excludedNamespaces, namespaceRequirements, kubernetesMinor } = installation;
  const excludes = excludedNamespaces.length > 0;
  const named = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...excludedNamespaces] };
  const requirements = [
    ...(excludes && kubernetesMinor >= NAME_LABEL_SINCE ? [named] : []),
    ...namespaceRequirements,
  ];
  const condition = {
    name: 'not-excluded',
    expression: `!(request.namespace in ${JSON.stringify(excludedNamespaces)})`,
  };
  return {
    ...(requirements.length === 0 ? {} : { namespaceSelector: { matchExpressions: requirements } }),
    ...(excludes && kubernetesMinor >= MATCH_CONDITIONS_SINCE ? { matchConditions: [condition] } : {}),
  };
}

/**
 * The requirements of a label selector as kubectl writes it: `team=a,!legacy,stage!=test,owned`. Null where it is none.
 */
export function labelRequirements(selector: string): readonly JsonObject[] | null {
  const requirements: JsonObject[] = [];
  for (const part of selector.split(',')) {
    const match = /^(!?)([-\w./]+)(?:(!=|==?)([-\w.]*))?$/.exec(part.trim());
    const [, not = '', key = '', operator, value = ''] = match ?? [];
    if (match === null || (not !== '' && operator !== undefined)) return null;
    if (operator === undefined) requirements.push({ key, operator: not === '' ? 'Exists' : 'DoesNotExist' });
    else requirements.push({ key, operator: operator === '!=' ? 'NotIn' : 'In', values: [value] });
  }
  return requirements;
}
