import { isList, isObject, type JsonObject, type JsonValue, member, setMember } from './json-value.js';
import { isOption, isSecretName, isSecretOption, MASK, maskArgument, maskText } from './masking-text.js';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Headers that a probe may send and that never hold a secret. */
const PLAIN_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'host',
  'user-agent',
]);
/** Annotations that decide what a policy says; a container's name in them must not make them secret. */
const POLICY_ANNOTATIONS =
  /^(?:container\.)?(?:apparmor\.security\.beta|seccomp\.security\.alpha)\.kubernetes\.io\/|^kubernetes\.io\/psp$/;

/**
 * A copy of a pod or workload without the values that may be secret: of environment variables, of options and URLs in
 * commands, of probes' headers and paths, of annotations and volume options with telling names. No policy reads any of these, so
 * the engine says the same of the copy. Masking twice changes nothing more; what has no secret is returned as it is.
 */
export function maskSecrets(object: JsonObject): JsonObject {
  return maskObject(object);
}

function maskObject(object: JsonObject): JsonObject {
  let masked: Record<string, JsonValue> | undefined;
  for (const [key, value] of Object.entries(object)) {
    const replaced = maskMember(key, value, object);
    if (replaced === value) continue;
    masked ??= { ...object };
    setMember(masked, key, replaced);
  }
  return masked ?? object;
}

function maskMember(key: string, value: JsonValue, parent: JsonObject): JsonValue {
  switch (key) {
    case 'env':
      return mapList(value, (each) => (isObject(each) ? maskNamed(each, () => true) : each));
    case 'httpHeaders':
      return mapList(value, (each) => (isObject(each) ? maskNamed(each, isSecretHeader) : each));
    case 'command':
      return isList(value) ? maskArguments(value, false) : value;
    case 'args':
      // A container runs its command with the arguments: the last word of the one may be an option for the other.
      return isList(value) ? maskArguments(value, endsInSecretOption(member(parent, 'command'))) : value;
    case 'httpGet':
      return isObject(value) ? maskHttpGet(value) : value;
    case 'annotations':
      return isObject(value) ? maskMembers(value, maskAnnotation) : value;
    case 'options':
    case 'volumeAttributes':
      return isObject(value) ? maskMembers(value, maskSetting) : value;
    case 'repository':
      return typeof value === 'string' ? maskText(value) : value;
    default:
      return isObject(value) ? maskObject(value) : mapList(value, (each) => maskMember('', each, parent));
  }
}

function mapList(value: JsonValue, mask: (each: JsonValue) => JsonValue): JsonValue {
  if (!isList(value)) return value;
  const masked = value.map(mask);
  return masked.some((each, index) => each !== value[index]) ? masked : value;
}

/** `{name, value}` with its value masked where the name asks for it. */
function maskNamed(pair: JsonObject, isSecret: (name: string) => boolean): JsonObject {
  const { name, value } = pair;
  if (value === undefined || value === null || value === '' || value === MASK) return pair;
  return isSecret(typeof name === 'string' ? name : '') ? { ...pair, value: MASK } : pair;
}

function isSecretHeader(name: string): boolean {
  return !PLAIN_HEADERS.has(name.toLowerCase());
}

function maskMembers(object: JsonObject, mask: (key: string, value: string) => string): JsonObject {
  let masked: Record<string, JsonValue> | undefined;
  for (const [key, value] of Object.entries(object)) {
    const replaced = typeof value === 'string' ? mask(key, value) : value;
    if (replaced === value) continue;
    masked ??= { ...object };
    setMember(masked, key, replaced);
  }
  return masked ?? object;
}

function maskAnnotation(key: string, value: string): string {
  if (POLICY_ANNOTATIONS.test(key)) return value;
  return key === LAST_APPLIED ? MASK : maskSetting(key, value);
}

function maskSetting(key: string, value: string): string {
  if (value === '') return value;
  return isSecretName(key) ? MASK : maskText(value);
}

function maskHttpGet(request: JsonObject): JsonObject {
  const masked = maskObject(request);
  const { path } = masked;
  const replaced = typeof path === 'string' ? maskText(path) : path;
  return replaced === undefined || replaced === path ? masked : { ...masked, path: replaced };
}

function endsInSecretOption(command: JsonValue | undefined): boolean {
  const last = isList(command) ? command.at(-1) : undefined;
  return typeof last === 'string' && isSecretOption(last);
}

/** The words of a command line; the first of them may be the value of an option before it. */
function maskArguments(list: readonly JsonValue[], isSecretFirst: boolean): JsonValue {
  let isSecretNext = isSecretFirst;
  return mapList(list, (each) => {
    if (typeof each !== 'string') return each;
    const isValue = isSecretNext && each !== '' && !isOption(each);
    isSecretNext = isSecretOption(each);
    if (isValue) return MASK;
    return isSecretNext ? each : maskArgument(each);
  });
}
