import type { Optional, ProjectedSource, Volume } from './pod.js';
import { present } from './security-context.js';
import { volumeType } from './volume-type.js';

/** One volume as the controls see it. Read once a pod. */
export interface VolumeView {
  readonly index: number;
  readonly name: string;
  /** By the name that policies have for it. */
  readonly type: string;
  /** The path of a hostPath volume as it was submitted. */
  readonly hostPath: string | undefined;
  /** The path without one slash at its end, as prefixes are compared with it. */
  readonly comparablePath: string;
  readonly flexDriver: string | undefined;
  readonly csiDriver: string | undefined;
  readonly projected: ProjectedSource | undefined;
}

/**
 * Reads a volume. A volume has one source; should there be more (the API refuses that, but only after admission), the
 * one that gives it its type is judged, as Kubernetes does.
 */
export function viewVolume(index: number, source: Volume): VolumeView {
  const type = volumeType(source);
  const hostPath = type === 'hostPath' ? memberOf(source.hostPath, 'path') : undefined;
  return {
    index,
    name: source.name ?? '',
    type,
    hostPath,
    comparablePath: hostPath === undefined ? '' : withoutSlash(hostPath),
    flexDriver: type === 'flexVolume' ? memberOf(source.flexVolume, 'driver') : undefined,
    csiDriver: type === 'csi' ? memberOf(source.csi, 'driver') : undefined,
    projected: type === 'projected' ? present(source.projected) : undefined,
  };
}

/** The paths of the first volumes: every violation has one. */
const PATHS: readonly string[] = Array.from({ length: 32 }, (_, index) => `spec.volumes[${index}]`);

/** `spec.volumes[0]` */
export function volumePath({ index }: VolumeView): string {
  return PATHS[index] ?? `spec.volumes[${index}]`;
}

/** A path without one slash at its end. */
export function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** A text member of a source; the empty string where the source is there without it. */
function memberOf<Member extends string>(
  source: Optional<{ readonly [name in Member]?: Optional<string> }>,
  member: Member,
): string | undefined {
  return source === undefined || source === null ? undefined : (source[member] ?? '');
}
