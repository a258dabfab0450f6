import { APPARMOR_ALLOWED_KEY, APPARMOR_DEFAULT_KEY } from './controls/apparmor.js';
import { SECCOMP_ALLOWED_KEY, SECCOMP_DEFAULT_KEY } from './controls/seccomp.js';
import { quote } from './go-format.js';
import type { PolicySource } from './policy-spec.js';
import type { FieldError } from './violation.js';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_LENGTH = 253;
const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const SECCOMP_NAMES: ReadonlySet<string> = new Set(['runtime/default', 'docker/default', 'unconfined']);

/** An `Invalid` field error. */
export function invalid(field: string, value: FieldError['value'], message: string): FieldError {
  return { type: 'Invalid', field, value, message };
}

/** What Kubernetes has against a name that must be a DNS-1123 subdomain; `value` is what it reports. */
export function subdomainProblems(field: string, name: string, value: string = name): FieldError[] {
  const problems: FieldError[] = [];
  if (utf8Length(name) > SUBDOMAIN_LENGTH) {
    problems.push(invalid(field, value, `must be no more than ${SUBDOMAIN_LENGTH} characters`));
  }
  if (!SUBDOMAIN.test(name)) problems.push(invalid(field, value, SUBDOMAIN_MESSAGE));
  return problems;
}

/** Go measures strings in bytes. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/**
 * The API's validation of a policy's metadata: its name, its place outside namespaces, its profile annotations. That a
 * name is there is the matter of those who read policies.
 */
export function validateMetadata(source: PolicySource): FieldError[] {
  const problems = source.name === '' ? [] : subdomainProblems('metadata.name', source.name);
  if ((source.namespace ?? '') !== '') {
    problems.push({
      type: 'Forbidden',
      field: 'metadata.namespace',
      value: '',
      message: 'not allowed on this type',
    });
  }
  const annotation = (key: string) => source.annotations?.[key] ?? '';
  const names = (key: string) => (annotation(key) === '' ? [] : annotation(key).split(','));

  const appArmorDefault = annotation(APPARMOR_DEFAULT_KEY);
  problems.push(...appArmorProblems(APPARMOR_DEFAULT_KEY, appArmorDefault, appArmorDefault));
  for (const name of names(APPARMOR_ALLOWED_KEY)) {
    problems.push(...appArmorProblems(APPARMOR_ALLOWED_KEY, name, annotation(APPARMOR_ALLOWED_KEY)));
  }
  const seccompDefault = annotation(SECCOMP_DEFAULT_KEY);
  if (seccompDefault !== '') problems.push(...seccompProblems(SECCOMP_DEFAULT_KEY, seccompDefault));
  for (const name of names(SECCOMP_ALLOWED_KEY)) {
    if (name !== '*') problems.push(...seccompProblems(SECCOMP_ALLOWED_KEY, name));
  }
  return problems;
}

/** `runtime/default`, `unconfined`, `localhost/…` or nothing. The value reported is the whole annotation. */
function appArmorProblems(key: string, name: string, annotation: string): FieldError[] {
  if (name === '' || name === 'runtime/default' || name === 'unconfined' || name.startsWith('localhost/'))
    return [];
  return [
    invalid(`metadata.annotations[${key}]`, annotation, `invalid AppArmor profile name: ${quote(name)}`),
  ];
}

/** A known name, or `localhost/` and a relative path that doesn't climb. */
function seccompProblems(key: string, name: string): FieldError[] {
  const field = `metadata.annotations[${key}]`;
  if (SECCOMP_NAMES.has(name)) return [];
  if (!name.startsWith('localhost/')) return [invalid(field, name, 'must be a valid seccomp profile')];
  const path = name.slice('localhost/'.length);
  const problems: FieldError[] = [];
  if (path.startsWith('/')) problems.push(invalid(field, path, 'must be a relative path'));
  if (path.split('/').includes('..')) problems.push(invalid(field, path, "must not contain '..'"));
  return problems;
}
