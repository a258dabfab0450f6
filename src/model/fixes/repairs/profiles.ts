import {
  APPARMOR_ALLOWED_KEY,
  APPARMOR_DEFAULT_KEY,
  type JsonValue,
  type PolicySource,
  SECCOMP_ALLOWED_KEY,
  SECCOMP_DEFAULT_KEY,
} from '../../../engine/index.js';
import { type Path, valueAt } from '../json-edit.js';
import { type Broken, containersNamed, either, remove, type Repair, set } from '../repair.js';

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const APPARMOR_CONTAINER = 'container.apparmor.security.beta.kubernetes.io/';
const RUNTIME_DEFAULT = 'runtime/default';
const POD_CONTEXT: Path = ['spec', 'securityContext'];

/**
 * Takes back the profile that isn't allowed where silence is; else names one that is allowed: the runtime's default if
 * it is, the only one there is, or the author's choice.
 */
export function seccomp({ violation, pod, policy }: Broken): readonly Repair[] {
  const { allowed, byDefault, isListed } = listOf(policy, SECCOMP_ALLOWED_KEY, SECCOMP_DEFAULT_KEY);
  const own = violation.container === null ? [] : seccompOfContainer(pod, violation.container);
  if (own.length > 0) return own.map((path) => remove(...path));
  const ofPod = present(pod, [annotation(SECCOMP_POD), [...POD_CONTEXT, 'seccompProfile']]);
  const silenceIsAllowed = isListed ? allowed.includes(byDefault) : byDefault === '';
  if (silenceIsAllowed) return ofPod.map((path) => remove(...path));
  const field: Path = [...POD_CONTEXT, 'seccompProfile'];
  const stale = present(pod, [annotation(SECCOMP_POD)]).map((path) => remove(...path));
  return [...stale, ...naming(field, allowed, profileField, 'seccomp profile')];
}

/** The same for a container's AppArmor profile, which is named in an annotation. */
export function appArmor({ violation, pod, policy }: Broken): readonly Repair[] {
  const { allowed, byDefault } = listOf(policy, APPARMOR_ALLOWED_KEY, APPARMOR_DEFAULT_KEY);
  const name = violation.container ?? '';
  const note = annotation(APPARMOR_CONTAINER + name);
  const fields = containersNamed(pod, name).map((container) => [
    ...container,
    'securityContext',
    'appArmorProfile',
  ]);
  const own = present(pod, [note, ...fields]);
  const words = own.length > 0 ? own : present(pod, [[...POD_CONTEXT, 'appArmorProfile']]);
  if (byDefault !== '' && allowed.includes(byDefault)) return words.map((path) => remove(...path));
  const others = present(pod, fields).map((path) => remove(...path));
  return [...others, ...naming(note, allowed, (profile) => profile, 'AppArmor profile')];
}

function seccompOfContainer(pod: JsonValue, name: string): readonly Path[] {
  const fields = containersNamed(pod, name).map((container) => [
    ...container,
    'securityContext',
    'seccompProfile',
  ]);
  return present(pod, [annotation(SECCOMP_CONTAINER + name), ...fields]);
}

function naming(
  path: Path,
  allowed: readonly string[],
  valueOf: (profile: string) => JsonValue,
  what: string,
): readonly Repair[] {
  const [first] = allowed;
  if (first === undefined) return [];
  if (allowed.includes(RUNTIME_DEFAULT)) return [set(path, valueOf(RUNTIME_DEFAULT))];
  const value = valueOf(first);
  if (allowed.length === 1) return [set(path, value)];
  return [
    {
      kind: 'choose',
      path,
      message: `choose the ${what} ${either(allowed)}`,
      allowed,
      sample: { path, value },
    },
  ];
}

/** A seccomp profile as the field has it. */
function profileField(profile: string): JsonValue {
  if (profile === RUNTIME_DEFAULT) return { type: 'RuntimeDefault' };
  if (profile === 'unconfined') return { type: 'Unconfined' };
  return { type: 'Localhost', localhostProfile: profile.replace(/^localhost\//, '') };
}

/** The profiles that a policy's annotations name. */
function listOf({ annotations }: PolicySource, allowedKey: string, defaultKey: string) {
  const list = annotations?.[allowedKey] ?? '';
  const aliased = (name: string) => (name === 'docker/default' ? RUNTIME_DEFAULT : name);
  const allowed = new Set(
    list
      .split(',')
      .filter((name) => name !== '')
      .map(aliased),
  );
  return {
    allowed: [...allowed],
    byDefault: aliased(annotations?.[defaultKey] ?? ''),
    isListed: allowed.size > 0,
  };
}

function annotation(key: string): Path {
  return ['metadata', 'annotations', key];
}

function present(pod: JsonValue, paths: readonly Path[]): readonly Path[] {
  return paths.filter((path) => valueAt(pod, path) !== undefined);
}
