import type { Optional, ProjectedSource, Volume } from './pod.js';
import { present } from './security-context.js';
import { volumeType } from './volume-type.js';

/** One volume as the controls see it. Made once a pod. */
export class VolumeView {
  readonly index: number;
  readonly name: string;
  /** By the name that policies have for it. */
  readonly type: string;
  /** The path of a hostPath volume as it was submitted. */
  readonly hostPath: string | undefined;
  readonly flexDriver: string | undefined;
  readonly csiDriver: string | undefined;
  readonly projected: ProjectedSource | undefined;

  constructor(index: number, source: Volume) {
    this.index = index;
    this.name = source.name ?? '';
    this.type = volumeType(source);
    // A volume has one source; should there be more, each of them is judged, as Kubernetes does.
    this.hostPath = memberOf(source.hostPath, 'path');
    this.flexDriver = memberOf(source.flexVolume, 'driver');
    this.csiDriver = memberOf(source.csi, 'driver');
    this.projected = present(source.projected);
  }

  /** `spec.volumes[0]` */
  get path(): string {
    return `spec.volumes[${this.index}]`;
  }
}

/** A text member of a source; the empty string where the source is there without it. */
function memberOf<Member extends string>(
  source: Optional<{ readonly [name in Member]?: Optional<string> }>,
  member: Member,
): string | undefined {
  return source === undefined || source === null ? undefined : (source[member] ?? '');
}
