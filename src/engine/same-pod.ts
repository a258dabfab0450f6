import type { Pod } from './pod.js';

/** Members of metadata that controllers and the API server may change without a policy being asked. */
const FREE_METADATA: ReadonlySet<string> = new Set([
  'ownerReferences',
  'finalizers',
  'selfLink',
  'managedFields',
]);

/**
 * Whether an update changes nothing that PodSecurityPolicy looks at: the pods are equal but for the members of
 * metadata that are free.
 */
export function sameForAdmission(pod: Pod, oldPod: Pod): boolean {
  return same(withoutFree(pod), withoutFree(oldPod));
}

function withoutFree(pod: Pod): object {
  const metadata = Object.entries(pod.metadata ?? {}).filter(([member]) => !FREE_METADATA.has(member));
  return { ...pod, metadata: Object.fromEntries(metadata) };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
