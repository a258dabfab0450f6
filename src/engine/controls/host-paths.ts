import { containerField, type ContainerView } from '../containers.js';
import { inBoth } from '../families.js';
import type { Findings } from '../findings.js';
import type { PodView } from '../pod-view.js';
import { type HostPathVolume, volumeField, withoutSlash } from '../volumes.js';
import type { Control } from './control.js';
import { allowsType } from './volume-types.js';

const SLASH = 0x2f;

/** So many volumes are held against all mounts one by one. */
const FEW = 8;

const field = volumeField('.hostPath.pathPrefix');
const mountsField = containerField('volumeMounts');

/** The allowed prefixes, one trailing slash taken off; never empty. */
type Demand = readonly { readonly prefix: string; readonly readOnly: boolean }[];

/**
 * Paths of the host that a pod may mount.
 *
 * Restricted fields: spec.volumes[*].hostPath.path, and readOnly of the mounts of such a volume
 * Allowed values: a path equal to or below an allowed prefix, compared as text: no `.`, `..` or `//` is resolved.
 * If all prefixes that match are read-only, every mount of the volume must be. An absent or empty list allows all.
 */
export const hostPaths: Control<never, Demand> = {
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
  demands({ spec }) {
    const allowed = spec.allowedHostPaths ?? [];
    if (allowed.length === 0 || !allowsType(spec.volumes, 'hostPath')) return null;
    return allowed.map(({ pathPrefix, readOnly }) => ({
      prefix: withoutSlash(pathPrefix ?? ''),
      readOnly: readOnly === true,
    }));
  },

  common(one, other) {
    const shared = inBoth(one, other, (a, b) => a.prefix === b.prefix);
    const isReadOnly = (prefix: string) => other.find((each) => each.prefix === prefix)?.readOnly === true;
    return (
      shared?.map(({ prefix, readOnly }) => ({ prefix, readOnly: readOnly || isReadOnly(prefix) })) ?? null
    );
  },

  concerns: (pod) => pod.volumes.hostPaths.length > 0,

  validate(allowed, pod, findings) {
    const { hostPaths: volumes } = pod.volumes;
    let mounts: WritableMounts | null = null;
    for (const volume of volumes) {
      if (findings.isFull) return;
      const { index, path, comparablePath } = volume;
      const access = accessTo(allowed, comparablePath);
      if (access === 'none') {
        findings.volume(index, null, 'allowedHostPaths', field(index), path, 'is not allowed to be used');
      } else if (access === 'read-only' && volumes.length <= FEW) {
        demandReadOnly(pod, volume, findings);
      } else if (access === 'read-only') {
        mounts ??= writableMounts(pod);
        for (const { container, i } of mounts.get(volume.name) ?? []) refuse(volume, container, i, findings);
      }
    }
  },
};

function accessTo(allowed: Demand, path: string): 'none' | 'read-only' | 'writable' {
  let access: 'none' | 'read-only' = 'none';
  for (let i = 0; i < allowed.length; i++) {
    const one = allowed[i];
    if (one === undefined || !isAtOrBelow(path, one.prefix)) continue;
    if (!one.readOnly) return 'writable';
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

function demandReadOnly(pod: PodView, volume: HostPathVolume, findings: Findings): void {
  for (const container of pod.judged) {
    const volumeMounts = container.source.volumeMounts ?? [];
    for (let i = 0; i < volumeMounts.length; i++) {
      const mount = volumeMounts[i];
      if ((mount?.name ?? '') !== volume.name || mount?.readOnly === true) continue;
      refuse(volume, container, i, findings);
    }
  }
}

/** The mounts that are not read-only, in their order, by the names of their volumes. */
type WritableMounts = ReadonlyMap<
  string,
  readonly { readonly container: ContainerView; readonly i: number }[]
>;

function writableMounts({ judged }: PodView): WritableMounts {
  const byVolume = new Map<string, { container: ContainerView; i: number }[]>();
  for (const container of judged) {
    for (const [i, mount] of (container.source.volumeMounts ?? []).entries()) {
      if (mount?.readOnly === true) continue;
      const name = mount?.name ?? '';
      const known = byVolume.get(name);
      if (known === undefined) byVolume.set(name, [{ container, i }]);
      else known.push({ container, i });
    }
  }
  return byVolume;
}

function refuse(volume: HostPathVolume, container: ContainerView, i: number, findings: Findings): void {
  const path = `${mountsField(container)}[${i}].readOnly`;
  findings.volume(volume.index, container, 'allowedHostPaths', path, false, 'must be read-only');
}
