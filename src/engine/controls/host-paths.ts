import { containerPath } from '../containers.js';
import type { PodView } from '../pod-view.js';
import { type VolumeView, volumePath, withoutSlash } from '../volumes.js';
import type { Control, Report } from './control.js';
import { allowsType } from './volume-types.js';

const SLASH = 0x2f;

/** The allowed prefixes, one trailing slash taken off; never empty. */
type Rule = readonly { readonly prefix: string; readonly readOnly: boolean }[];

/**
 * Paths of the host that a pod may mount.
 *
 * Restricted fields: spec.volumes[*].hostPath.path, and readOnly of the mounts of such a volume
 * Allowed values: a path equal to or below an allowed prefix, compared as text: no `.`, `..` or `//` is resolved.
 * If all prefixes that match are read-only, every mount of the volume must be. An absent or empty list allows all.
 */
export const hostPaths: Control<Rule> = {
  id: 'host-paths',
  fields: [
    {
      name: 'allowedHostPaths',
      title: 'Host paths',
      description:
        'Directories and files of the node that hostPath volumes may mount, and whether read-only.',
      help: 'Mount a path below an allowed prefix, set readOnly on the mounts where the prefix is read-only, or use another kind of volume.',
    },
  ],

  // Where the type itself isn't allowed, Kubernetes says that and nothing more about the volume.
  rule({ spec }) {
    const allowed = spec.allowedHostPaths ?? [];
    if (allowed.length === 0 || !allowsType(spec.volumes, 'hostPath')) return null;
    return allowed.map(({ pathPrefix, readOnly }) => ({
      prefix: withoutSlash(pathPrefix ?? ''),
      readOnly: readOnly === true,
    }));
  },

  applies: (pod) => pod.usesHostPaths,

  validate(rule, pod, report) {
    for (const volume of pod.volumes) {
      const path = volume.hostPath;
      if (path === undefined) continue;
      const access = accessTo(rule, volume.comparablePath);
      if (access === 'none') {
        const field = `${volumePath(volume)}.hostPath.pathPrefix`;
        report.volume(volume, null, 'allowedHostPaths', field, path, 'is not allowed to be used');
      } else if (access === 'read-only') {
        demandReadOnly(pod, volume, report);
      }
    }
  },
};

function accessTo(rule: Rule, path: string): 'none' | 'read-only' | 'writable' {
  let access: 'none' | 'read-only' = 'none';
  for (const { prefix, readOnly } of rule) {
    if (!isAtOrBelow(path, prefix)) continue;
    if (!readOnly) return 'writable';
    access = 'read-only';
  }
  return access;
}

/** Whether a prefix ends where a part of the path does and is its beginning. Single characters tell most apart. */
function isAtOrBelow(path: string, prefix: string): boolean {
  const end = prefix.length;
  if (end === 0) return path === '' || path.charCodeAt(0) === SLASH;
  if (path.length > end && path.charCodeAt(end) !== SLASH) return false;
  return path.charCodeAt(end - 1) === prefix.charCodeAt(end - 1) && path.startsWith(prefix);
}

function demandReadOnly(pod: PodView, volume: VolumeView, report: Report): void {
  for (const container of pod.judged) {
    const volumeMounts = container.source.volumeMounts ?? [];
    for (let i = 0; i < volumeMounts.length; i++) {
      const mount = volumeMounts[i];
      if ((mount?.name ?? '') !== volume.name || mount?.readOnly === true) continue;
      const field = `${containerPath(container)}.volumeMounts[${i}].readOnly`;
      report.volume(volume, container.name, 'allowedHostPaths', field, false, 'must be read-only');
    }
  }
}
