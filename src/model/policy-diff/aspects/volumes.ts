import { type PolicySource, POLICY_VOLUME_TYPES, type Volume } from '../../../engine/index.js';
import { type Aspect, type PodPart, SILENT, specField } from '../aspect.js';
import { nameBeside, tellingNames } from './names.js';

const NAME = 'data';
const MOUNT = { name: NAME, mountPath: '/data' };
/** Types of which policies tell more apart than the type. */
const DETAILED: ReadonlySet<string> = new Set(['hostPath', 'flexVolume', 'csi', 'projected']);

/** Volumes, one at a time: their types, and what policies say more about some types. */
export const volumes: Aspect = {
  fields: [
    specField('volumes', 'volumes'),
    specField('allowedHostPaths', 'allowedHostPaths'),
    specField('allowedFlexVolumes', 'allowedFlexVolumes'),
    specField('allowedCSIDrivers', 'allowedCSIDrivers'),
  ],
  points: (before, after) => [
    SILENT,
    ...POLICY_VOLUME_TYPES.filter((type) => !DETAILED.has(type)).map((type) => part(plainVolume(type))),
    ...projectedVolumes(),
    ...flexVolumes(before, after),
    ...csiVolumes(before, after),
    ...hostPaths(before, after),
  ],
};

function part(volume: Volume): PodPart {
  return { spec: { volumes: [volume] } };
}

function plainVolume(type: string): Volume {
  const member = type === 'cephFS' ? 'cephfs' : type;
  return { name: NAME, [member]: {} };
}

/** What `secret` allows too, and what only `projected` does. */
function projectedVolumes(): readonly PodPart[] {
  const ofServiceAccount = { sources: [{ serviceAccountToken: { path: 'token' } }] };
  const ofAnother = { sources: [{ configMap: { name: 'settings' } }] };
  return [ofAnother, ofServiceAccount].map((projected) => part({ name: NAME, projected }));
}

function flexVolumes(before: PolicySource, after: PolicySource): readonly PodPart[] {
  const driversOf = ({ spec }: PolicySource) =>
    (spec.allowedFlexVolumes ?? []).map(({ driver }) => driver ?? '');
  return drivers(driversOf(before), driversOf(after), 'example.com/other').map((driver) =>
    part({ name: NAME, flexVolume: { driver } }),
  );
}

function csiVolumes(before: PolicySource, after: PolicySource): readonly PodPart[] {
  const driversOf = ({ spec }: PolicySource) => (spec.allowedCSIDrivers ?? []).map(({ name }) => name ?? '');
  return drivers(driversOf(before), driversOf(after), 'other.csi.example.com').map((driver) =>
    part({ name: NAME, csi: { driver } }),
  );
}

function drivers(left: readonly string[], right: readonly string[], other: string): readonly string[] {
  return [...tellingNames(left, right), nameBeside(other, new Set([...left, ...right]))];
}

/**
 * A prefix admits more than another policy only if it does so for the prefix itself. Entries that both policies have
 * can't tell them apart; the first of each is there to show the type.
 */
function hostPaths(before: PolicySource, after: PolicySource): readonly PodPart[] {
  const left = entriesOf(before);
  const right = entriesOf(after);
  const telling = [
    ...[...right].filter(([key]) => !left.has(key)),
    ...[...left].filter(([key]) => !right.has(key)),
    ...[...right].slice(0, 1),
    ...[...left].slice(0, 1),
  ];
  const taken = new Set([...left.values(), ...right.values()]);
  const paths = new Set([
    ...telling.map(([, path]) => path),
    '/',
    nameBeside('/other', taken),
    nameBeside('other', taken),
  ]);
  return [...paths].flatMap((path) => [hostPath(path, false), hostPath(path, true)]);
}

/** Each allowed prefix as a path, by what the entry says. */
function entriesOf({ spec }: PolicySource): ReadonlyMap<string, string> {
  return new Map(
    (spec.allowedHostPaths ?? []).map(({ pathPrefix, readOnly }) => {
      const prefix = withoutSlash(pathPrefix ?? '');
      // Of a path one slash at its end is taken off, of a prefix too.
      const path = prefix === '' || prefix.endsWith('/') ? `${prefix}/` : prefix;
      return [`${readOnly === true ? 'ro' : 'rw'} ${prefix}`, path];
    }),
  );
}

function hostPath(path: string, readOnly: boolean): PodPart {
  const mount = readOnly ? { ...MOUNT, readOnly } : MOUNT;
  return { ...part({ name: NAME, hostPath: { path } }), container: { volumeMounts: [mount] } };
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
