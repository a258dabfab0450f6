import type { Container, Pod, Volume } from './pod.js';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The API server makes a name with a random suffix; a fixed one keeps evaluations repeatable. */
const VOLUME_NAME = 'kube-api-access-podgate';

/**
 * The pod as it would be had the API server's ServiceAccount plugin run, as it does before PodSecurityPolicy: the
 * service account's name filled in and the projected token volume of Kubernetes 1.21 and later, mounted in every
 * container and init container that mounts nothing there. Pods that opt out, and mirror pods, stay as they are.
 */
export function addServiceAccountVolume(pod: Pod): Pod {
  const spec = pod.spec ?? {};
  if (pod.metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined) return pod;
  const serviceAccountName = spec.serviceAccountName || spec.serviceAccount || 'default';
  const named = { ...spec, serviceAccountName };
  const volumes = spec.volumes ?? [];
  const mounted = volumes.some((volume) => volume?.name?.startsWith('kube-api-access-'));
  if (spec.automountServiceAccountToken === false || mounted) return { ...pod, spec: named };
  const containers = withMount(spec.containers);
  const initContainers = withMount(spec.initContainers);
  const needed = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].some(
    (container) => !mounts(container),
  );
  return {
    ...pod,
    spec: {
      ...named,
      ...(containers === undefined ? {} : { containers }),
      ...(initContainers === undefined ? {} : { initContainers }),
      volumes: needed ? [...volumes, tokenVolume()] : volumes,
    },
  };
}

function mounts(container: Container): boolean {
  return (container?.volumeMounts ?? []).some(
    (mount) => 'mountPath' in mount && mount.mountPath === MOUNT_PATH,
  );
}

function withMount(containers: readonly Container[] | null | undefined): readonly Container[] | undefined {
  return containers?.map((container) =>
    mounts(container)
      ? container
      : {
          ...container,
          volumeMounts: [
            ...(container.volumeMounts ?? []),
            { name: VOLUME_NAME, readOnly: true, mountPath: MOUNT_PATH },
          ],
        },
  );
}

function tokenVolume(): Volume {
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  const certificate = { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] };
  return {
    name: VOLUME_NAME,
    projected: {
      sources: [
        { serviceAccountToken: { path: 'token' } },
        { configMap: certificate },
        { downwardAPI: { items: [namespace] } },
      ],
    },
  };
}
