import type { Volume } from './pod.js';

/**
 * The names that policies have for kinds of volumes, in the order in which Kubernetes looks for them, each with the
 * pod's member where that is spelt differently. `image` came with 1.31.
 */
const TYPES: readonly string[] = [
  'hostPath',
  'emptyDir',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'persistentVolumeClaim',
  'rbd',
  'flexVolume',
  'cinder',
  'cephFS',
  'flocker',
  'downwardAPI',
  'fc',
  'azureFile',
  'configMap',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'storageos',
  'projected',
  'portworxVolume',
  'scaleIO',
  'csi',
  'ephemeral',
];

/** Kinds of volumes that came after PodSecurityPolicy; a policy may name them all the same. */
export const NEWER_TYPES: readonly string[] = ['image'];

/** The names that the API accepts in a policy's `volumes`, without `*`. */
export const VOLUME_TYPES: readonly string[] = TYPES;

/** Every name that a policy's `volumes` may have, without `*`. */
export const POLICY_VOLUME_TYPES: readonly string[] = [...VOLUME_TYPES, ...NEWER_TYPES];

/** A set of kinds of volumes: a bit a kind, in the order above, and one for whatever is not known here. */
export type VolumeKinds = number;

const UNKNOWN: VolumeKinds = 2 ** POLICY_VOLUME_TYPES.length;

const KINDS: ReadonlyMap<string, VolumeKinds> = new Map(
  POLICY_VOLUME_TYPES.map((type, place) => [type, 2 ** place]),
);

/** The same by the pod's members, of which one is spelt differently. */
const MEMBER_KINDS: ReadonlyMap<string, VolumeKinds> = new Map(
  [...KINDS].map(([type, kind]) => [type === 'cephFS' ? 'cephfs' : type, kind]),
);

/** A kind by the name that policies have for it. */
export function kindOf(type: string): VolumeKinds {
  return KINDS.get(type) ?? UNKNOWN;
}

const EMPTY_DIR = kindOf('emptyDir');

/** A volume's kind: that of its source, of several the first in Kubernetes' order; without any, emptyDir. */
export function volumeKind(volume: Volume): VolumeKinds {
  let sources: VolumeKinds = 0;
  for (const member in volume) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a member of the volume itself, whatever its name
    const source: unknown = volume[member as keyof Volume];
    if (typeof source === 'object' && source !== null) sources |= MEMBER_KINDS.get(member) ?? UNKNOWN;
  }
  // The lowest bit.
  return sources === 0 ? EMPTY_DIR : sources & -sources;
}

/**
 * A volume's type by the name that policies have for it. A source that is not known here counts as a type of its own
 * name, so that nothing that comes later is let through unseen.
 */
export function volumeType(volume: Volume): string {
  return POLICY_VOLUME_TYPES[31 - Math.clz32(volumeKind(volume))] ?? unknownSource(volume);
}

function unknownSource(volume: Volume): string {
  const [member] =
    Object.entries(volume).find(([, source]) => typeof source === 'object' && source !== null) ?? [];
  return member ?? '';
}
