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
 * A prefix admits more than another policy only if it does so for the prefix itself. Of those that do, the first one
 * that is writable and the first that is read-only are enough; the first of each policy is there to show the type.
 */
function hostPaths(before: PolicySource, after: PolicySource): readonly PodPart[] {
  const left = prefixesOf(before);
  const right = prefixesOf(after);
  const telling = [
    ...firstUncovered(right, left),
    ...firstUncovered(left, right),
    ...right.slice(0, 1),
    ...left.slice(0, 1),
  ];
  const taken = new Set([...left, ...right].map(({ prefix }) => prefix));
  const paths = new Set([
    ...telling.map(pathOf),
    '/',
    nameBeside('/other', taken),
    nameBeside('other', taken),
  ]);
  return [...paths].flatMap((path) => [hostPath(path, false), hostPath(path, true)]);
}

interface Prefix {
  /** Without one slash at its end, as it is compared. */
  readonly prefix: string;
  readonly readOnly: boolean;
}

function prefixesOf({ spec }: PolicySource): readonly Prefix[] {
  return (spec.allowedHostPaths ?? []).map(({ pathPrefix, readOnly }) => ({
    prefix: withoutSlash(pathPrefix ?? ''),
    readOnly: readOnly === true,
  }));
}

/** The first writable and the first read-only prefix that lie below none of the others that allow as much. */
function firstUncovered(prefixes: readonly Prefix[], others: readonly Prefix[]): readonly Prefix[] {
  const writable = new Set(others.filter(({ readOnly }) => !readOnly).map(({ prefix }) => prefix));
  const all = new Set(others.map(({ prefix }) => prefix));
  const lengths = new Set([...all].map(({ length }) => length));
  const isUncovered = ({ prefix, readOnly }: Prefix) =>
    ![...lengths].some((length) => {
      const isAbove = length === prefix.length || prefix.charAt(length) === '/';
      return isAbove && (readOnly ? all : writable).has(prefix.slice(0, length));
    });
  return [false, true].flatMap((wanted) => {
    const found = prefixes.find((one) => one.readOnly === wanted && isUncovered(one));
    return found === undefined ? [] : [found];
  });
}

/** A path of which the prefix itself is left once a slash at its end is taken off, as it is of every path. */
function pathOf({ prefix }: Prefix): string {
  return prefix === '' || prefix.endsWith('/') ? `${prefix}/` : prefix;
}

function hostPath(path: string, readOnly: boolean): PodPart {
  const mount = readOnly ? { ...MOUNT, readOnly } : MOUNT;
  return { ...part({ name: NAME, hostPath: { path } }), container: { volumeMounts: [mount] } };
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
