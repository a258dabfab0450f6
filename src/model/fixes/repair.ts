import type { JsonValue, PolicySource, Violation } from '../../engine/index.js';
import { isList, type Path, valueAt } from './json-edit.js';

/** What to do about one violation. Paths are from the pod. */
export type Repair =
  | { readonly kind: 'remove'; readonly path: Path }
  | { readonly kind: 'set'; readonly path: Path; readonly value: JsonValue }
  | RepairByChoice;

/** Something that the author must choose; the sample stands for the choice when the fix is proven. */
export interface RepairByChoice {
  readonly kind: 'choose';
  readonly path: Path;
  readonly message: string;
  readonly allowed: readonly string[];
  /** `undefined`: what is at the path goes. */
  readonly sample: { readonly path: Path; readonly value: JsonValue | undefined };
}

/** A violation in a pod under a policy. */
export interface Broken {
  readonly violation: Violation;
  readonly pod: JsonValue;
  readonly policy: PolicySource;
}

/** Finds what to do about the violations of a control; nothing where no change of the pod helps. */
export type RepairRule = (broken: Broken) => readonly Repair[];

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'];
const IN_CONTAINER = /^spec\.(\w+)\[(\d+)\]/;

/** Removes what is at a path. */
export function remove(...path: Path): Repair {
  return { kind: 'remove', path };
}

/** Puts a value at a path. */
export function set(path: Path, value: JsonValue): Repair {
  return { kind: 'set', path, value };
}

/** The path of the container that a field path lies in. */
export function containerPath(field: string): Path {
  const match = IN_CONTAINER.exec(field);
  return match === null ? [] : ['spec', match[1] ?? '', Number(match[2])];
}

/** The paths of the containers with a name. */
export function containersNamed(pod: JsonValue, name: string): readonly Path[] {
  return CONTAINER_LISTS.flatMap((list) => {
    const containers = valueAt(pod, ['spec', list]);
    if (!isList(containers)) return [];
    return containers.flatMap((container, i): Path[] =>
      (valueAt(container, ['name']) ?? '') === name ? [['spec', list, i]] : [],
    );
  });
}

/** A path as Kubernetes writes it: `spec.containers[0].ports[1].hostPort`. */
export function fieldOf(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (/^\w+$/.test(step)) return text === '' ? step : `${text}.${step}`;
    return `${text}[${step}]`;
  }, '');
}

/** `a, b or c` */
export function either(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** Makes something of a policy once for all the violations of a pod: with very many of both it would take minutes. */
export function perPolicy<T>(make: (policy: PolicySource) => T): (policy: PolicySource) => T {
  const made = new WeakMap<PolicySource, { readonly value: T }>();
  return (policy) => {
    const known = made.get(policy) ?? { value: make(policy) };
    made.set(policy, known);
    return known.value;
  };
}
