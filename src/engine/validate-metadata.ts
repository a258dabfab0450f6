import { APPARMOR_ALLOWED_KEY, APPARMOR_DEFAULT_KEY } from './controls/apparmor.js';
import { SECCOMP_ALLOWED_KEY, SECCOMP_DEFAULT_KEY } from './controls/seccomp.js';
import { quote } from './go-format.js';
import type { PolicySource } from './policy-spec.js';
import { validateAnnotations, validateLabels } from './validate-labels.js';
import { subdomainProblems } from './subdomain.js';
import { type FieldError, invalid } from './violation.js';

const SECCOMP_NAMES: ReadonlySet<string> = new Set(['runtime/default', 'docker/default', 'unconfined']);

/** Most problems that are told of the profiles in an annotation: it can hold a hundred thousand wrong ones. */
const MOST_PROFILE_PROBLEMS = 1_000;

/**
 * The API's validation of a policy's metadata: its name, its place outside namespaces, its labels and annotations, those
 * for profiles last.
 */
export function validateMetadata(source: PolicySource): FieldError[] {
  const problems = nameProblems(source.name);
  if ((source.namespace ?? '') !== '') {
    problems.push({
      type: 'Forbidden',
      field: 'metadata.namespace',
      value: '',
      message: 'not allowed on this type',
    });
  }
  problems.push(...validateLabels(source.labels), ...validateAnnotations(source.annotations));
  const annotation = (key: string) => source.annotations?.[key] ?? '';
  const names = (key: string) => (annotation(key) === '' ? [] : annotation(key).split(','));

  const appArmorDefault = annotation(APPARMOR_DEFAULT_KEY);
  problems.push(...appArmorProblems(APPARMOR_DEFAULT_KEY, appArmorDefault, appArmorDefault));
  problems.push(
    ...firstProblems(names(APPARMOR_ALLOWED_KEY), (name) =>
      appArmorProblems(APPARMOR_ALLOWED_KEY, name, annotation(APPARMOR_ALLOWED_KEY)),
    ),
  );
  const seccompDefault = annotation(SECCOMP_DEFAULT_KEY);
  if (seccompDefault !== '') problems.push(...seccompProblems(SECCOMP_DEFAULT_KEY, seccompDefault));
  problems.push(
    ...firstProblems(names(SECCOMP_ALLOWED_KEY), (name) =>
      name === '*' ? [] : seccompProblems(SECCOMP_ALLOWED_KEY, name),
    ),
  );
  return problems;
}

/** The problems of the names, in their order; what follows {@link MOST_PROFILE_PROBLEMS} of them isn't looked at. */
function firstProblems(names: readonly string[], problemsOf: (name: string) => FieldError[]): FieldError[] {
  const problems: FieldError[] = [];
  for (const name of names) {
    problems.push(...problemsOf(name));
    if (problems.length >= MOST_PROFILE_PROBLEMS) break;
  }
  return problems;
}

function nameProblems(name: string): FieldError[] {
  const field = 'metadata.name';
  if (name !== '') return subdomainProblems(field, name);
  return [{ type: 'Required', field, value: '', message: 'name or generateName is required' }];
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
