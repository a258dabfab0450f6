import { withApiDefaults } from './api-defaults.js';
import type { Pod } from './pod.js';
import { BY_POINTER, BY_VALUE, MAPS, QUANTITIES, RESOURCES, TIME } from './pod-members.js';
import { quantityUnits } from './quantity.js';

/** Members of metadata that controllers and the API server may change without a policy being asked. */
const FREE_METADATA: ReadonlySet<string> = new Set([
  'ownerReferences',
  'finalizers',
  'selfLink',
  'managedFields',
]);

const ZERO = 0x30;

/**
 * Whether an update changes nothing that PodSecurityPolicy looks at: after the API's defaulting the pods are equal as
 * Kubernetes' `Semantic.DeepEqual` has it (empty lists and maps are absent ones, quantities and times count by their
 * value), but for the members of metadata that are free.
 */
export function sameForAdmission(pod: Pod, oldPod: Pod): boolean {
  return same('', '', comparable(pod), comparable(oldPod));
}

type Members = Readonly<Record<string, unknown>>;

function comparable(pod: Pod): Members {
  const metadata = Object.entries(pod.metadata ?? {}).filter(([member]) => !FREE_METADATA.has(member));
  const { spec } = pod; // a pod's status is not updated with it, apiVersion and kind are the request's
  return withApiDefaults({ metadata: Object.fromEntries(metadata), spec });
}

function same(parent: string, member: string, a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isAbsent(a) || isAbsent(b)) return isEmpty(parent, member, a) && isEmpty(parent, member, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => same(parent, member, item, b[i]));
  }
  if (isObject(a) && isObject(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) =>
      same(member, name, a[name], b[name]),
    );
  }
  return sameScalar(parent, member, a, b);
}

function sameScalar(parent: string, member: string, a: unknown, b: unknown): boolean {
  if (RESOURCES.has(parent) || QUANTITIES.has(member)) {
    const kind = RESOURCES.has(parent) ? 'resource' : 'quantity';
    const units = quantityUnits(String(a), kind);
    return units !== null && units === quantityUnits(String(b), kind);
  }
  return TIME.test(member) && instant(String(a)) === instant(String(b));
}

/** Seconds since 1970 with all digits of the fraction, as text. */
function instant(time: string): string {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  return `${Date.parse(time.replace(/\.\d+/, ''))}.${withoutZerosAfter(fraction)}`;
}

/** By a loop: an expression that looks for the last zeros takes quadratic time where others go before them. */
function withoutZerosAfter(digits: string): string {
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === ZERO) end--;
  return digits.slice(0, end);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Whether a value is what Go has where nothing is given. */
function isEmpty(parent: string, member: string, value: unknown): boolean {
  if (isAbsent(value)) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) {
    return (
      BY_VALUE.has(member) && Object.entries(value).every(([name, inner]) => isEmpty(member, name, inner))
    );
  }
  if (BY_POINTER.has(member) || BY_POINTER.has(`${parent}.${member}`)) return false;
  if (MAPS.has(parent)) return false; // a key of a map is something, whatever stands under it
  return value === '' || value === 0 || value === false || quantityIsZero(member, value);
}

function quantityIsZero(member: string, value: unknown): boolean {
  return QUANTITIES.has(member) && quantityUnits(String(value), 'quantity') === '0';
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
