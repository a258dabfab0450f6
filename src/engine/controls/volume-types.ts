import { volumePath } from '../volumes.js';
import type { ProjectedSource } from '../pod.js';
import { present } from '../security-context.js';
import type { Control } from './control.js';

/** The allowed types, as the policy lists them. */
type Rule = readonly string[];

/**
 * Kinds of volumes that a pod may have.
 *
 * Restricted fields: spec.volumes[*]
 * Allowed values: the types that the policy lists; `*` allows all, an absent or empty list none.
 * A projected volume that holds nothing but what the API server itself gives every pod (service account token, root
 * certificates, namespace) is allowed by `secret` too.
 */
export const volumeTypes: Control<Rule> = {
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

  rule: ({ spec }) => (spec.volumes?.includes('*') ? null : (spec.volumes ?? [])),

  applies: (pod) => pod.volumes.length > 0,

  validate(allowed, pod, report) {
    for (const volume of pod.volumes) {
      const { type, projected } = volume;
      if (allowed.includes(type)) continue;
      if (projected !== undefined && allowed.includes('secret') && isServiceAccountVolume(projected))
        continue;
      report.volume(
        volume,
        null,
        'volumes',
        volumePath(volume),
        type,
        `${type} volumes are not allowed to be used`,
      );
    }
  },
};

/** Whether a projected volume has only what the API server's ServiceAccount plugin would put into it. */
function isServiceAccountVolume(projected: ProjectedSource): boolean {
  for (const source of projected.sources ?? []) {
    const token = present(source?.serviceAccountToken);
    const configMap = present(source?.configMap);
    const downward = present(source?.downwardAPI);
    if (token === undefined && configMap === undefined && downward === undefined) return false;
    if (present(source.clusterTrustBundle ?? source.podCertificate) !== undefined) return false;
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

/** Whether a policy's list of volume types has this one. Controls of single types rest on it. */
export function allowsType(volumes: readonly string[] | null | undefined, type: string): boolean {
  return volumes?.includes('*') === true || volumes?.includes(type) === true;
}
