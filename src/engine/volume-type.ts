import type { Volume } from './pod.js';

/**
 * The names that policies have for kinds of volumes, in the order in which Kubernetes looks for them, each with the
 * pod's member where that is spelt differently. `image` came with 1.31.
 */
const TYPES: readonly string[] = [
  'azureFile',
  'azureDisk',
  'flocker',
  'flexVolume',
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
  'cinder',
  'cephFS',
  'downwardAPI',
  'fc',
  'configMap',
  'vsphereVolume',
  'quobyte',
  'photonPersistentDisk',
  'projected',
  'portworxVolume',
  'scaleIO',
  'storageos',
  'csi',
  'ephemeral',
];

/** Kinds of volumes that came after PodSecurityPolicy; a policy may name them all the same. */
export const NEWER_TYPES: readonly string[] = ['image'];

/** The names that the API accepts in a policy's `volumes`, without `*`. */
export const VOLUME_TYPES: readonly string[] = TYPES;

/** Every name that a policy's `volumes` may have, without `*`. */
export const POLICY_VOLUME_TYPES: readonly string[] = [...VOLUME_TYPES, ...NEWER_TYPES];

const UNKNOWN = TYPES.length + NEWER_TYPES.length;

const MEMBERS: ReadonlyMap<string, { readonly type: string; readonly order: number }> = new Map(
  [...TYPES, ...NEWER_TYPES].map((type, order) => [type === 'cephFS' ? 'cephfs' : type, { type, order }]),
);

/**
 * The type of a volume by the name that policies have for it. A volume without a source is an emptyDir. A source that
 * is not known here counts as a type of its own name, so that nothing that comes later is let through unseen.
 */
export function volumeType(volume: Volume): string {
  let type = 'emptyDir';
  let place = UNKNOWN + 1;
  for (const member in volume) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a member of the volume itself, whatever its name
    const source: unknown = volume[member as keyof Volume];
    if (typeof source !== 'object' || source === null) continue;
    const known = MEMBERS.get(member);
    const order = known === undefined ? UNKNOWN : known.order;
    // Only one source may be set; should there be more, the first in Kubernetes' order counts.
    if (order < place) [type, place] = [known?.type ?? member, order];
  }
  return type;
}
