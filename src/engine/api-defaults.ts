/**
 * What Kubernetes' API fills into a v1 Pod when it decodes it (`pkg/apis/core/v1/defaults.go` of 1.20). Both sides of
 * an update go through it before they are compared; nothing else of the engine needs more of it than `pod-defaults`.
 */

type Members = Readonly<Record<string, unknown>>;

/** A pod with the API's defaults filled in; the given one stays as it is. */
export function withApiDefaults(pod: Members): Members {
  const spec = object(pod['spec']);
  const account = spec['serviceAccountName'] || spec['serviceAccount'] || '';
  return {
    ...pod,
    spec: {
      ...fillEmpty(spec, {
        dnsPolicy: 'ClusterFirst',
        restartPolicy: 'Always',
        schedulerName: 'default-scheduler',
      }),
      ...fillAbsent(spec, {
        terminationGracePeriodSeconds: 30,
        enableServiceLinks: true,
        securityContext: {},
      }),
      serviceAccountName: account,
      serviceAccount: account,
      volumes: list(spec['volumes']).map(withVolumeDefaults),
      initContainers: list(spec['initContainers']).map((one) =>
        withContainerDefaults(one, spec['hostNetwork'] === true),
      ),
      containers: list(spec['containers']).map((one) =>
        withContainerDefaults(one, spec['hostNetwork'] === true),
      ),
      ephemeralContainers: list(spec['ephemeralContainers']).map((one) => withContainerDefaults(one, false)),
    },
  };
}

function withContainerDefaults(given: unknown, hostNetwork: boolean): Members {
  const container = object(given);
  const limits = object(object(container['resources'])['limits']);
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].filter((probe) => container[probe]);
  return {
    ...fillEmpty(container, {
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: pullPolicy(container['image']),
    }),
    ports: list(container['ports']).map((port) => withPortDefaults(object(port), hostNetwork)),
    env: list(container['env']).map(withFieldVersion),
    resources: {
      ...object(container['resources']),
      requests: { ...limits, ...object(object(container['resources'])['requests']) },
    },
    ...Object.fromEntries(probes.map((probe) => [probe, withProbeDefaults(object(container[probe]))])),
    ...(container['lifecycle'] ? { lifecycle: withLifecycleDefaults(object(container['lifecycle'])) } : {}),
  };
}

/** `Always` for an image without a tag or digest and for `:latest`. */
function pullPolicy(image: unknown): string {
  const name = typeof image === 'string' ? image : '';
  if (name.includes('@')) return 'IfNotPresent';
  const tag = /:([^/:]+)$/.exec(name)?.[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function withPortDefaults(port: Members, hostNetwork: boolean): Members {
  const defaults = { protocol: 'TCP', ...(hostNetwork ? { hostPort: port['containerPort'] } : {}) };
  return fillEmpty(port, defaults);
}

/** A reference to a field is one of v1 unless it says otherwise. */
function withFieldVersion(given: unknown): Members {
  const holder = object(given);
  if (holder['valueFrom']) return { ...holder, valueFrom: withFieldVersion(holder['valueFrom']) };
  if (!holder['fieldRef']) return holder;
  return { ...holder, fieldRef: fillEmpty(object(holder['fieldRef']), { apiVersion: 'v1' }) };
}

function withProbeDefaults(probe: Members): Members {
  return fillEmpty(withHandlerDefaults(probe), {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
}

function withLifecycleDefaults(lifecycle: Members): Members {
  return Object.fromEntries(
    Object.entries(lifecycle).map(([hook, handler]) => [
      hook,
      handler ? withHandlerDefaults(object(handler)) : handler,
    ]),
  );
}

function withHandlerDefaults(handler: Members): Members {
  if (!handler['httpGet']) return handler;
  return { ...handler, httpGet: fillEmpty(object(handler['httpGet']), { path: '/', scheme: 'HTTP' }) };
}

/** Defaults of volume sources: for members that may be zero, and for those where empty counts as absent. */
const SOURCE_DEFAULTS: Readonly<Record<string, { readonly absent?: Members; readonly empty?: Members }>> = {
  secret: { absent: { defaultMode: 0o644 } },
  configMap: { absent: { defaultMode: 0o644 } },
  downwardAPI: { absent: { defaultMode: 0o644 } },
  projected: { absent: { defaultMode: 0o644 } },
  hostPath: { absent: { type: '' } },
  iscsi: { empty: { iscsiInterface: 'default' } },
  rbd: { empty: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' } },
  azureDisk: { absent: { cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4', readOnly: false } },
  scaleIO: { empty: { storageMode: 'ThinProvisioned', fsType: 'xfs' } },
};

function withVolumeDefaults(given: unknown): Members {
  const volume = object(given);
  const sources = Object.keys(volume).filter((member) => isObject(volume[member]));
  if (sources.length === 0) return { ...volume, emptyDir: {} };
  return {
    ...volume,
    ...Object.fromEntries(
      sources.map((source) => [source, withSourceDefaults(source, object(volume[source]))]),
    ),
  };
}

function withSourceDefaults(kind: string, source: Members): Members {
  const defaults = SOURCE_DEFAULTS[kind];
  const filled = fillAbsent(fillEmpty(source, defaults?.empty ?? {}), defaults?.absent ?? {});
  if (kind === 'downwardAPI') return { ...filled, items: list(source['items']).map(withFieldVersion) };
  if (kind === 'projected')
    return { ...filled, sources: list(source['sources']).map(withProjectionDefaults) };
  if (kind !== 'ephemeral') return filled;
  const template = object(source['volumeClaimTemplate']);
  const spec = fillAbsent(object(template['spec']), { volumeMode: 'Filesystem' });
  return source['volumeClaimTemplate'] ? { ...filled, volumeClaimTemplate: { ...template, spec } } : filled;
}

function withProjectionDefaults(given: unknown): Members {
  const projection = object(given);
  const { serviceAccountToken: token, downwardAPI } = projection;
  return {
    ...projection,
    ...(token ? { serviceAccountToken: fillAbsent(object(token), { expirationSeconds: 3600 }) } : {}),
    ...(downwardAPI
      ? {
          downwardAPI: {
            ...object(downwardAPI),
            items: list(object(downwardAPI)['items']).map(withFieldVersion),
          },
        }
      : {}),
  };
}

/** Fills members whose zero value counts as absent. */
function fillEmpty(given: Members, defaults: Members): Members {
  const missing = Object.entries(defaults).filter(([member]) => !given[member]);
  return { ...given, ...Object.fromEntries(missing) };
}

/** Fills members whose zero value is a value. */
function fillAbsent(given: Members, defaults: Members): Members {
  const missing = Object.entries(defaults).filter(([member]) => (given[member] ?? null) === null);
  return { ...given, ...Object.fromEntries(missing) };
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: unknown): Members {
  return isObject(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
