import { isList, isObject, type JsonObject, type JsonValue, setMember } from './json-value.js';

/** What stands in the place of a value that may be secret. */
const MASK = '***';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Names of things that are worth hiding, as parts of option, variable, annotation and header names. */
const SECRET_WORD =
  'pass(?:word|wd|phrase)|pwd|token|secret|credential|api[-_]?key|access[-_]?key|private[-_]?key|authorization|cookie';
const SECRET_NAME = new RegExp(SECRET_WORD, 'i');
/** `--db-password`, `-p`: an option whose value is the next argument. */
const SECRET_OPTION = new RegExp(`^--?[\\w.-]{0,100}?(?:${SECRET_WORD})[\\w.-]{0,100}$`, 'i');
/**
 * `password=…`, `TOKEN: …` within an argument or a script. A name is looked at once, from its beginning: an argument of
 * megabytes is masked in some milliseconds.
 */
const SECRET_ASSIGNMENT = new RegExp(
  `(?<![\\w.-])(?=[\\w.-]*?(?:${SECRET_WORD}))([\\w.-]+["']?[ \\t]{0,10}[=:][ \\t]{0,10}(?:(?:Bearer|Basic|Token)[ \\t]{1,10})?)("[^"\\n]*"|'[^'\\n]*'|[^\\s"',;&|]+)`,
  'gi',
);
const BEARER = /\b(Bearer|Basic)([ \t]+)[\w.~+/=-]{8,}/gi;
/** `https://user:password@host`: what stands before the host. */
const USER_INFO = /(:\/\/)[^\s/@"']{1,500}@/g;
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
 * commands, of probes' headers, of annotations and volume options with telling names. No policy reads any of these, so
 * the engine says the same of the copy. Masking twice changes nothing more; what has no secret is returned as it is.
 */
export function maskSecrets(object: JsonObject): JsonObject {
  return maskObject(object);
}

function maskObject(object: JsonObject): JsonObject {
  let masked: Record<string, JsonValue> | undefined;
  for (const [key, value] of Object.entries(object)) {
    const replaced = maskMember(key, value);
    if (replaced === value) continue;
    masked ??= { ...object };
    setMember(masked, key, replaced);
  }
  return masked ?? object;
}

function maskMember(key: string, value: JsonValue): JsonValue {
  switch (key) {
    case 'env':
      return mapList(value, (each) => (isObject(each) ? maskNamed(each, () => true) : each));
    case 'httpHeaders':
      return mapList(value, (each) => (isObject(each) ? maskNamed(each, isSecretHeader) : each));
    case 'args':
    case 'command':
      return isList(value) ? maskArguments(value) : value;
    case 'annotations':
      return isObject(value) ? maskMembers(value, maskAnnotation) : value;
    case 'options':
    case 'volumeAttributes':
      return isObject(value) ? maskMembers(value, maskSetting) : value;
    case 'repository':
      return typeof value === 'string' ? value.replace(USER_INFO, `$1${MASK}@`) : value;
    default:
      return isObject(value) ? maskObject(value) : mapList(value, (each) => maskMember('', each));
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
  return SECRET_NAME.test(key) ? MASK : maskText(value);
}

function maskArguments(list: readonly JsonValue[]): JsonValue {
  let isSecretNext = false;
  return mapList(list, (each) => {
    if (typeof each !== 'string') return each;
    const isOption = each.startsWith('-');
    const isValue = isSecretNext && !isOption && each !== '';
    isSecretNext = isOption && !each.includes('=') && SECRET_OPTION.test(each);
    return isValue ? MASK : maskText(each);
  });
}

function maskText(text: string): string {
  return text
    .replace(USER_INFO, `$1${MASK}@`)
    .replace(BEARER, `$1$2${MASK}`)
    .replace(SECRET_ASSIGNMENT, `$1${MASK}`);
}
