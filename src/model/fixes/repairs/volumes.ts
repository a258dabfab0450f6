import type { JsonValue, PolicySource } from '../../../engine/index.js';
import { type Path, valueAt } from '../json-edit.js';
import {
  type Broken,
  containerPath,
  either,
  perPolicy,
  type Repair,
  type RepairByChoice,
  set,
} from '../repair.js';

/** Another kind of volume is the author's choice; the API server's own token volume can be done without. */
export function volumes(broken: Broken): readonly Repair[] {
  const { pod, policy } = broken;
  const volume = volumeOf(broken);
  if (volume === null) return [set(['spec', 'automountServiceAccountToken'], false)];
  const types = policy.spec.volumes ?? [];
  const name = valueAt(pod, [...volume, 'name']) ?? '';
  const message =
    types.length === 0
      ? `remove the volume ${quoted(name)} and its mounts: the policy allows no volumes`
      : `choose another kind of volume for ${quoted(name)}: ${either(types)}`;
  return [{ kind: 'choose', path: volume, message, allowed: types, sample: sampleOf(volume, name, policy) }];
}

/** A volume of an allowed kind in its place, or none where no kind is allowed. */
function sampleOf(path: Path, name: JsonValue, policy: PolicySource): RepairByChoice['sample'] {
  const types = policy.spec.volumes ?? [];
  const [type] = types.toSorted((a, b) => Number(DETAILED.has(a)) - Number(DETAILED.has(b)));
  return { path, value: type === undefined ? undefined : { name, ...sourceOf(type, policy) } };
}

/** Kinds of which a policy may restrict more than the kind. */
const DETAILED: ReadonlySet<string> = new Set(['hostPath', 'flexVolume', 'csi']);

function sourceOf(type: string, { spec }: PolicySource): Record<string, JsonValue> {
  switch (type) {
    case 'hostPath':
      return { hostPath: { path: firstPath(spec) } };
    case 'flexVolume':
      return { flexVolume: { driver: spec.allowedFlexVolumes?.[0]?.driver ?? 'example.com/driver' } };
    case 'csi':
      return { csi: { driver: spec.allowedCSIDrivers?.[0]?.name ?? 'csi.example.com' } };
    case 'cephFS':
      return { cephfs: {} };
    default:
      return { [type]: {} };
  }
}

/** A path below an allowed prefix is the author's choice; that a mount must be read-only is not. */
export function hostPaths(broken: Broken): readonly Repair[] {
  const { violation, policy, pod } = broken;
  const mount = /\.volumeMounts\[(\d+)\]\.readOnly$/.exec(violation.field)?.[1];
  if (mount !== undefined) {
    return [set([...containerPath(violation.field), 'volumeMounts', Number(mount), 'readOnly'], true)];
  }
  const volume = volumeOf(broken);
  if (volume === null || valueAt(pod, volume) === undefined) return [];
  const path = [...volume, 'hostPath', 'path'];
  const { allowed, message } = pathsOf(policy);
  return [{ kind: 'choose', path, message, allowed, sample: { path, value: firstPath(policy.spec) } }];
}

const pathsOf = perPolicy(({ spec }) => {
  const allowed = (spec.allowedHostPaths ?? []).map(({ pathPrefix, readOnly }) =>
    readOnly === true ? `${pathPrefix ?? ''} (read-only)` : (pathPrefix ?? ''),
  );
  return { allowed, message: `choose a path of the host at or below ${either(allowed)}` };
});

/** A path that may be written to, if there is one. */
function firstPath({ allowedHostPaths }: PolicySource['spec']): string {
  const allowed = allowedHostPaths ?? [];
  return (allowed.find(({ readOnly }) => readOnly !== true) ?? allowed[0])?.pathPrefix ?? '/';
}

/** Another driver is the author's choice. */
export function flexVolumes(broken: Broken): readonly Repair[] {
  return driver(broken, 'flexVolume', flexDriversOf(broken.policy));
}

const flexDriversOf = perPolicy(({ spec }) => driversOf(spec.allowedFlexVolumes?.map((one) => one.driver)));

/** Another driver is the author's choice. */
export function csiDrivers(broken: Broken): readonly Repair[] {
  return driver(broken, 'csi', csiDriversOf(broken.policy));
}

const csiDriversOf = perPolicy(({ spec }) => driversOf(spec.allowedCSIDrivers?.map((one) => one.name)));

function driversOf(names: readonly (string | null | undefined)[] = []) {
  const allowed = names.map((name) => name ?? '');
  return { allowed, message: `choose the driver ${either(allowed)}` };
}

function driver(
  broken: Broken,
  member: 'flexVolume' | 'csi',
  { allowed, message }: ReturnType<typeof driversOf>,
): readonly Repair[] {
  const volume = volumeOf(broken);
  const [first] = allowed;
  if (volume === null || first === undefined) return [];
  const path = [...volume, member, 'driver'];
  return [{ kind: 'choose', path, message, allowed, sample: { path, value: first } }];
}

/** The path of the volume in question; `null` where the submitted pod doesn't have it. */
function volumeOf({ violation: { field }, pod }: Broken): (string | number)[] | null {
  const index = /^spec\.volumes\[(\d+)\]/.exec(field)?.[1];
  const path = ['spec', 'volumes', Number(index)];
  return index !== undefined && valueAt(pod, path) !== undefined ? path : null;
}

function quoted(name: JsonValue): string {
  return JSON.stringify(name);
}
