import type { PodSecurityPolicySpec } from '../engine/index.js';
import { canonicalJson, parseStrictJson } from './canonical-json.js';
import type { InputProblem, Refusal } from './input-problem.js';
import {
  describeValue,
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  objectAt,
  setMember,
  textMember,
} from './json-value.js';
import { type ManifestFormat, parseManifests } from './manifests.js';
import { POLICY_FIELDS } from './policy-fields.js';
import type { Position } from './source-text.js';
import { TypedDecoder } from './typed-decoder.js';
import { writeYaml } from './yaml-writer.js';

/** A PodSecurityPolicy with every type checked; whether it makes sense is for the engine to say. */
export interface PolicyManifest {
  readonly name: string;
  /** Present where the manifest has one, which the API forbids. */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSecurityPolicySpec;
  /** Canonical JSON of what counts: apiVersion `policy/v1beta1`, kind, name, labels, annotations, spec. */
  readonly content: string;
}

/** A policy that could be read. */
export interface ReadPolicy {
  readonly ok: true;
  readonly manifest: PolicyManifest;
  /** `unknown field "spec.foo"`. */
  readonly warnings: readonly string[];
}

/** A policy read from a text, and where its parts stand in it. */
export interface ParsedPolicy extends ReadPolicy {
  /** Where the value at a JSON Pointer into the policy stands in the text, or its nearest parent. */
  locate(pointer: string): Position;
}

const API_VERSION = 'policy/v1beta1';
const API_VERSIONS = [API_VERSION, 'extensions/v1beta1'];
const KIND = 'PodSecurityPolicy';
/** What `kubectl apply` remembers of the submitted text; no part of the policy. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const decoder = new TypedDecoder(POLICY_FIELDS);

const CAPABILITY_LISTS = ['allowedCapabilities', 'defaultAddCapabilities', 'requiredDropCapabilities'];
/** Most of them in a list; Linux has some forty. Each is put into each container, or compared with all of its. */
export const MOST_CAPABILITIES = 1_000;

/** Reads the text of exactly one PodSecurityPolicy; the problems of a refusal have lines and columns. Never throws. */
export function parsePolicyManifest(
  body: Uint8Array | string,
  format: ManifestFormat,
): ParsedPolicy | Refusal {
  const manifests = parseManifests(body, format);
  if (!manifests.ok) return manifests;
  const [document, second] = manifests.documents;
  if (document === undefined) return refuse([{ message: `expected one ${KIND}, found no object` }]);
  if (second !== undefined) {
    const message = `expected one ${KIND}, found ${manifests.documents.length} objects`;
    return refuse([{ message, ...manifests.locate(second, '') }]);
  }
  const read = decodePolicy(document.value);
  const locate = (pointer: string) => manifests.locate(document, pointer);
  if (read.ok) return { ...read, locate };
  return refuse(read.problems.map((problem) => Object.assign({}, problem, locate(problem.pointer ?? ''))));
}

/**
 * Decodes a PodSecurityPolicy by type, as the API server does; every wrong type is a problem with its pointer, and so is
 * a list of very many capabilities.
 */
export function decodePolicy(value: JsonValue): ReadPolicy | Refusal {
  if (!isObject(value)) {
    return refuse([{ message: `expected a ${KIND}, found ${describeValue(value)}`, pointer: '' }]);
  }
  const decoded = decoder.decode(KIND, value, { required: false, pointer: '', path: '' });
  const problems = [
    ...typeProblems(value),
    ...decoded.errors.filter(({ field }) => !isTypeField(field)),
    ...capabilityProblems(value),
  ];
  if (problems.length > 0) return refuse(problems);
  return { ok: true, manifest: manifestOf(decoder.prune(KIND, value)), warnings: decoded.warnings };
}

/** The policy of a canonical text made by {@link decodePolicy}; throws a `SyntaxError` for anything else. */
export function readPolicyContent(content: string): PolicyManifest {
  const value = parseStrictJson(content);
  if (!isObject(value)) throw new SyntaxError('the content of a policy is an object');
  return manifestOf(value);
}

/** A policy's canonical content as YAML that kubectl takes. */
export function policyYaml(content: string): string {
  const value = parseStrictJson(content);
  if (!isObject(value)) throw new SyntaxError('the content of a policy is an object');
  return writeYaml(value);
}

function refuse(problems: readonly InputProblem[]): Refusal {
  return { ok: false, code: 'INVALID', problems };
}

function capabilityProblems(policy: JsonObject): InputProblem[] {
  const spec = objectAt(policy, 'spec');
  const tooLong = (field: string) => {
    const list = spec === undefined ? undefined : member(spec, field);
    return isList(list) && list.length > MOST_CAPABILITIES;
  };
  const message = `must have at most ${MOST_CAPABILITIES} items`;
  return CAPABILITY_LISTS.filter(tooLong).map((field) => {
    return { message, pointer: `/spec/${field}`, type: 'TooLong', field: `spec.${field}` };
  });
}

function isTypeField(field: string | undefined): boolean {
  return field === 'apiVersion' || field === 'kind';
}

function typeProblems(value: JsonObject): InputProblem[] {
  return [...expectOneOf(value, 'apiVersion', API_VERSIONS), ...expectOneOf(value, 'kind', [KIND])];
}

function expectOneOf(object: JsonObject, field: string, supported: readonly string[]): InputProblem[] {
  const value = member(object, field) ?? null;
  if (typeof value === 'string' && supported.includes(value)) return [];
  const pointer = `/${field}`;
  const wanted = supported.map((each) => JSON.stringify(each)).join(' or ');
  if (value === null)
    return [{ message: `${field} is missing: must be ${wanted}`, pointer, type: 'Required', field }];
  const message = `must be ${wanted}, but is ${describeValue(value)}`;
  return [{ message, pointer, type: 'NotSupported', field, value }];
}

function manifestOf(policy: JsonObject): PolicyManifest {
  const metadata = objectAt(policy, 'metadata');
  const name = textMember(metadata, 'name') ?? '';
  const namespace = textMember(metadata, 'namespace');
  const labels = textMap(objectAt(metadata, 'labels'));
  const annotations = textMap(objectAt(metadata, 'annotations'), LAST_APPLIED);
  const spec = objectAt(policy, 'spec') ?? {};
  const content = canonicalJson({
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: {
      name,
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec,
  });
  // Every member was checked against the API's own types by the decoder before it came here.
  const checked = spec as PodSecurityPolicySpec;
  return { name, ...(namespace ? { namespace } : {}), labels, annotations, spec: checked, content };
}

function textMap(object: JsonObject | undefined, without?: string): Record<string, string> {
  const map: Record<string, string> = {};
  for (const [key, value] of Object.entries(object ?? {})) {
    if (key !== without && typeof value === 'string') setMember(map, key, value);
  }
  return map;
}
