import { parseStrictJson } from './canonical-json.js';
import type { Refusal } from './input-problem.js';
import {
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  objectAt,
  textMember,
} from './json-value.js';
import { decodeText } from './source-text.js';

/** The versions of `AdmissionReview` that API servers send: v1 from Kubernetes 1.16 on, v1beta1 up to 1.21. */
const ADMISSION_VERSIONS = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'] as const;

/** A version of `AdmissionReview`. */
type AdmissionVersion = (typeof ADMISSION_VERSIONS)[number];

/** What is asked of the API server: an `AdmissionRequest`'s members that matter here. */
export interface AdmissionRequest {
  /** Names this call; the answer repeats it. */
  readonly uid: string;
  /** Of the object in this request, which `matchPolicy: Equivalent` may have converted. */
  readonly kind: GroupVersionKind;
  /** The plural, in lower case: `pods`. */
  readonly resource: string;
  /** Group of the resource; empty for the core. */
  readonly resourceGroup: string;
  /** Empty: the object itself. */
  readonly subresource: string;
  /** Empty where the name is still to be generated. */
  readonly name: string;
  /** Empty for what has no namespace. */
  readonly namespace: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly userName: string;
  readonly userGroups: readonly string[];
  /** null on DELETE. */
  readonly object: JsonObject | null;
  readonly oldObject: JsonObject | null;
  readonly dryRun: boolean;
}

/** What kind of object a request carries. */
interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A review that was read, in the version in which the answer must be. */
export interface AdmissionReview {
  readonly ok: true;
  readonly apiVersion: AdmissionVersion;
  readonly request: AdmissionRequest;
}

/**
 * Reads the body of a webhook call. MALFORMED where it is no JSON, INVALID where it is no AdmissionReview of a known
 * version or its request lacks something; all that is wrong with the request is told at once.
 */
export function readAdmissionReview(body: Uint8Array): AdmissionReview | Refusal {
  const decoded = decodeText(body);
  if (!decoded.ok) return decoded;
  let review: JsonValue;
  try {
    review = parseStrictJson(decoded.source.text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, code: 'MALFORMED', problems: [{ message: error.message }] };
  }
  if (!isObject(review)) return refused('', 'must be an AdmissionReview');
  if (textMember(review, 'kind') !== 'AdmissionReview') return refused('/kind', 'must be "AdmissionReview"');
  const apiVersion = ADMISSION_VERSIONS.find((version) => version === textMember(review, 'apiVersion'));
  if (apiVersion === undefined) {
    return refused('/apiVersion', `must be one of ${ADMISSION_VERSIONS.join(', ')}`);
  }
  const request = objectAt(review, 'request');
  if (request === undefined) return refused('/request', 'must be an object');
  return readRequest(request, apiVersion);
}

const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;

function readRequest(request: JsonObject, apiVersion: AdmissionVersion): AdmissionReview | Refusal {
  const problems: { readonly message: string; readonly pointer: string }[] = [];
  const wrong = (pointer: string, message: string) =>
    problems.push({ message, pointer: `/request${pointer}` });
  const uid = textMember(request, 'uid') ?? '';
  if (uid === '') wrong('/uid', 'must be a text');
  const operation = OPERATIONS.find((each) => each === textMember(request, 'operation'));
  if (operation === undefined) wrong('/operation', `must be one of ${OPERATIONS.join(', ')}`);
  const [kind, resource, userInfo] = ['kind', 'resource', 'userInfo'].map((key) => objectAt(request, key));
  if (textMember(kind, 'kind') === undefined) wrong('/kind/kind', 'must be a text');
  if (textMember(resource, 'resource') === undefined) wrong('/resource/resource', 'must be a text');
  const userGroups = textsOf(userInfo === undefined ? undefined : member(userInfo, 'groups'));
  if (userGroups === null) wrong('/userInfo/groups', 'must be a list of texts');
  for (const key of ['name', 'namespace', 'subResource']) {
    const value = member(request, key) ?? '';
    if (typeof value !== 'string') wrong(`/${key}`, 'must be a text');
  }
  const object = objectAt(request, 'object') ?? null;
  const writes = operation === 'CREATE' || operation === 'UPDATE';
  if (object === null && writes) wrong('/object', 'must be an object');
  if (operation === undefined || problems.length > 0) return { ok: false, code: 'INVALID', problems };
  return {
    ok: true,
    apiVersion,
    request: {
      uid,
      kind: {
        group: textMember(kind, 'group') ?? '',
        version: textMember(kind, 'version') ?? '',
        kind: textMember(kind, 'kind') ?? '',
      },
      resource: textMember(resource, 'resource') ?? '',
      resourceGroup: textMember(resource, 'group') ?? '',
      subresource: textMember(request, 'subResource') ?? '',
      name: textMember(request, 'name') ?? '',
      namespace: textMember(request, 'namespace') ?? '',
      operation,
      userName: textMember(userInfo, 'username') ?? '',
      userGroups: userGroups ?? [],
      object,
      oldObject: objectAt(request, 'oldObject') ?? null,
      dryRun: member(request, 'dryRun') === true,
    },
  };
}

function textsOf(value: JsonValue | undefined): readonly string[] | null {
  if (value === undefined || value === null) return [];
  if (!isList(value)) return null;
  const texts = value.filter((each) => typeof each === 'string');
  return texts.length === value.length ? texts : null;
}

function refused(pointer: string, message: string): Refusal {
  return { ok: false, code: 'INVALID', problems: [{ message, pointer }] };
}
