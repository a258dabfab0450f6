import type { Optional, Volume } from './pod.js';
import { kindOf, volumeKind, type VolumeKinds } from './volume-type.js';

/** The volumes of a pod as the controls see them; an `index` is a place in `sources`. */
export interface VolumesView {
  /** As submitted. */
  readonly sources: readonly Optional<Volume>[];
  /** Their kinds. */
  readonly kinds: readonly VolumeKinds[];
  /** All their kinds as one set. */
  readonly kindSet: VolumeKinds;
  /**
   * Sources with more to ask about. A volume has one source; should there be more (the API refuses that, but only after
   * admission), the one that gives it its kind is judged, as Kubernetes does.
   */
  readonly hostPaths: readonly HostPathVolume[];
  readonly flexVolumes: readonly DriverVolume[];
  readonly csiVolumes: readonly DriverVolume[];
}

/** A directory or file of the host. */
export interface HostPathVolume {
  readonly index: number;
  readonly name: string;
  /** As submitted. */
  readonly path: string;
  /** Without one slash at its end, as prefixes are compared with it. */
  readonly comparablePath: string;
}

/** A volume that a driver provides. */
interface DriverVolume {
  readonly index: number;
  readonly driver: string;
}

const HOST_PATH = kindOf('hostPath');
const FLEX_VOLUME = kindOf('flexVolume');
const CSI = kindOf('csi');
const NONE: readonly never[] = [];
const NO_VOLUMES: VolumesView = {
  sources: NONE,
  kinds: NONE,
  kindSet: 0,
  hostPaths: NONE,
  flexVolumes: NONE,
  csiVolumes: NONE,
};

/** Reads a pod's volumes. */
export function viewVolumes(sources: Optional<readonly Optional<Volume>[]>): VolumesView {
  if (sources === undefined || sources === null || sources.length === 0) return NO_VOLUMES;
  const kinds = sources.map((source) => volumeKind(source ?? {}));
  let kindSet = 0;
  for (const kind of kinds) kindSet |= kind;
  return {
    sources,
    kinds,
    kindSet,
    hostPaths: (kindSet & HOST_PATH) === 0 ? NONE : hostPathsOf(sources, kinds),
    flexVolumes: (kindSet & FLEX_VOLUME) === 0 ? NONE : driversOf(sources, kinds, 'flexVolume', FLEX_VOLUME),
    csiVolumes: (kindSet & CSI) === 0 ? NONE : driversOf(sources, kinds, 'csi', CSI),
  };
}

function hostPathsOf(
  sources: VolumesView['sources'],
  kinds: VolumesView['kinds'],
): readonly HostPathVolume[] {
  let found: HostPathVolume[] | null = null;
  for (let index = 0; index < sources.length; index++) {
    if (kinds[index] !== HOST_PATH) continue;
    const { name, hostPath } = sources[index] ?? {};
    const path = hostPath?.path ?? '';
    const volume = { index, name: name ?? '', path, comparablePath: withoutSlash(path) };
    // Most pods have one, and a list begun with it takes no more room than that.
    if (found === null) found = [volume];
    else found.push(volume);
  }
  return found ?? NONE;
}

function driversOf(
  sources: VolumesView['sources'],
  kinds: VolumesView['kinds'],
  member: 'flexVolume' | 'csi',
  kind: VolumeKinds,
): readonly DriverVolume[] {
  const found: DriverVolume[] = [];
  for (let index = 0; index < sources.length; index++) {
    if (kinds[index] === kind) found.push({ index, driver: sources[index]?.[member]?.driver ?? '' });
  }
  return found;
}

const SLASH = 0x2f;

/** How many volumes have their paths ready. */
const READY = 32;

/** The path of something in a volume, e.g. `spec.volumes[0].csi.driver`; those of the first are put together in advance. */
export function volumeField(member: string): (index: number) => string {
  const path = (index: number) => `spec.volumes[${index}]${member}`;
  const ready = Array.from({ length: READY }, (_, index) => path(index));
  return (index) => ready[index] ?? path(index);
}

/** A path without one slash at its end. */
export function withoutSlash(path: string): string {
  return path.charCodeAt(path.length - 1) === SLASH ? path.slice(0, -1) : path;
}
