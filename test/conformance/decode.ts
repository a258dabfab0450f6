import type { Pod, PolicySource } from '../../src/engine/index.js';
import { VOLUME_TYPES } from '../../src/engine/volume-type.js';

/** One case, as the vectors have it. */
export interface Case {
  readonly id: string;
  readonly policies: readonly PolicySource[];
  readonly pod: Pod;
  readonly oldPod: Pod | undefined;
  readonly user: string;
  readonly namespace: string;
  /** Absent: every policy. */
  readonly userPolicies: readonly string[] | undefined;
  readonly serviceAccountPolicies: readonly string[] | undefined;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly subresource: string;
  readonly featureGates: Readonly<Record<string, boolean>>;
}

type Json = Readonly<Record<string, unknown>>;

/** Sources of volumes that Kubernetes 1.20 knows, as pods spell them. */
const VOLUME_MEMBERS: ReadonlySet<string> = new Set([
  'name',
  'cephfs',
  ...VOLUME_TYPES.filter((t) => t !== 'cephFS'),
]);

/** Members, whatever object they stand in, that the engine reads and that Kubernetes 1.20 drops as unknown. */
const NEWER_MEMBERS: ReadonlySet<string> = new Set([
  'appArmorProfile',
  'hostProcess',
  'clusterTrustBundle',
  'podCertificate',
]);

/**
 * Reads a case as a Kubernetes 1.20 API server decodes its objects: absent and null are one, unknown members are
 * dropped, nothing has to be complete. Types are taken as they are.
 */
export function decodeCase(json: unknown): Case {
  const given = object(withoutNulls(json));
  return {
    id: text(given['id']),
    policies: list(given['policies']).map((policy) => decodePolicy(object(policy))),
    pod: decodePod(given['pod']),
    oldPod: given['oldPod'] === undefined ? undefined : decodePod(given['oldPod']),
    user: text(object(given['user'])['name']),
    namespace: text(given['namespace']),
    userPolicies: names(given['userPolicies']),
    serviceAccountPolicies: names(given['serviceAccountPolicies']),
    operation: given['operation'] === 'UPDATE' ? 'UPDATE' : 'CREATE',
    subresource: text(given['subresource']),
    featureGates: object(given['featureGates']) as Record<string, boolean>, // the cases' own format says so
  };
}

function decodePolicy(policy: Json): PolicySource {
  const metadata = object(policy['metadata']);
  // The vectors hold what the API has decoded: members have the types of policy/v1beta1.
  return {
    ...metadata,
    name: text(metadata['name']),
    spec: object(policy['spec']),
  };
}

function decodePod(pod: unknown): Pod {
  const decoded = object(pod);
  const spec = object(decoded['spec']);
  if (!Array.isArray(spec['volumes'])) return decoded;
  const volumes = spec['volumes'].map((volume) =>
    Object.fromEntries(Object.entries(object(volume)).filter(([member]) => VOLUME_MEMBERS.has(member))),
  );
  return { ...decoded, spec: { ...spec, volumes } };
}

/** Drops null members and those that 1.20 does not know; a null in a list is Go's zero value of an object. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => (item === null ? {} : withoutNulls(item)));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(
    ([name, member]) => member !== null && !NEWER_MEMBERS.has(name),
  );
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function names(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(text) : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
