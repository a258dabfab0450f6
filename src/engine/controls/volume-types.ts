import type { ProjectedSource, VolumeProjection } from '../pod.js';
import { present } from '../security-context.js';
import { kindOf, POLICY_VOLUME_TYPES, type VolumeKinds, volumeType } from '../volume-type.js';
import { volumeField } from '../volumes.js';
import type { Control } from './control.js';

const field = volumeField('');
const SECRET = kindOf('secret');
const PROJECTED = kindOf('projected');
/** What a source of a projected volume may hold besides what is judged; anything that came later isn't the API server's own. */
const SOURCES: ReadonlySet<string> = new Set(['serviceAccountToken', 'configMap', 'downwardAPI', 'secret']);
/** What is said of the known types, put together in advance. */
const READY: ReadonlyMap<string, string> = new Map(POLICY_VOLUME_TYPES.map((type) => [type, message(type)]));

/** The allowed types. */
type Demand = VolumeKinds;

/**
 * Kinds of volumes that a pod may have.
 *
 * Restricted fields: spec.volumes[*]
 * Allowed values: the types that the policy lists; `*` allows all, an absent or empty list none.
 * A projected volume that holds nothing but what the API server itself gives every pod (service account token, root
 * certificates, namespace) is allowed by `secret` too.
 */
export const volumeTypes: Control<never, Demand> = {
  id: 'volume-types',
  fields: [
    {
      name: 'volumes',
      title: 'Volume types',
      description:
        'The kinds of volumes that a pod may have; some reach into the host or into storage outside the cluster.',
      help: 'Use a volume type that the policy lists, for instance configMap, secret, emptyDir or persistentVolumeClaim.',
    },
  ],

  demands({ spec }) {
    const allowed = spec.volumes ?? [];
    return allowed.includes('*') ? null : allowed.reduce((kinds, type) => kinds | kindOf(type), 0);
  },

  common: (one, other) => one & other || null,

  validate(allowed, { volumes }, findings) {
    if ((volumes.kindSet & ~allowed) === 0) return;
    for (let index = 0; index < volumes.kinds.length; index++) {
      const kind = volumes.kinds[index] ?? 0;
      if ((kind & ~allowed) === 0) continue;
      const volume = volumes.sources[index] ?? {};
      if (kind === PROJECTED && (allowed & SECRET) !== 0 && isServiceAccountVolume(volume.projected ?? {}))
        continue;
      const type = volumeType(volume);
      findings.volume(index, null, 'volumes', field(index), type, READY.get(type) ?? message(type));
    }
  },
};

function message(type: string): string {
  return `${type} volumes are not allowed to be used`;
}

/** Whether a projected volume has only what the API server's ServiceAccount plugin would put into it. */
function isServiceAccountVolume(projected: ProjectedSource): boolean {
  for (const source of projected.sources ?? []) {
    const token = present(source?.serviceAccountToken);
    const configMap = present(source?.configMap);
    const downward = present(source?.downwardAPI);
    if (token === undefined && configMap === undefined && downward === undefined) return false;
    if (hasNewerSource(source)) return false;
    if (token !== undefined && (token.path !== 'token' || (token.audience ?? '') !== '')) return false;
    if (configMap !== undefined && configMap.name !== 'kube-root-ca.crt') return false;
    for (const item of downward?.items ?? []) {
      if (item?.path !== 'namespace' || item.fieldRef?.fieldPath !== 'metadata.namespace') return false;
      // The API server fills in v1 where no version stands.
      if ((item.fieldRef.apiVersion || 'v1') !== 'v1') return false;
    }
  }
  return true;
}

/** Whether a source holds something that came after 1.20, which would drop it. */
function hasNewerSource(source: VolumeProjection): boolean {
  for (const member in source) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a member of the source itself, whatever its name
    if (!SOURCES.has(member) && present(source[member as keyof VolumeProjection]) !== undefined) return true;
  }
  return false;
}

/** Whether a policy's list of volume types has this one. Controls of single types rest on it. */
export function allowsType(volumes: readonly string[] | null | undefined, type: string): boolean {
  return volumes?.includes('*') === true || volumes?.includes(type) === true;
}
