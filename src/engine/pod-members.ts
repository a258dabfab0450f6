/*
 * What one must know of the Go types behind a v1 Pod to compare two pods as Kubernetes does. Names are members of JSON.
 */

/** Objects that Go holds by value or as a map: an empty one is an absent one. Any other empty object is something. */
export const BY_VALUE: ReadonlySet<string> = new Set([
  'metadata',
  'spec',
  'resources',
  'podAffinityTerm',
  'preference',
  'labels',
  'annotations',
  'nodeSelector',
  'limits',
  'requests',
  'overhead',
  'matchLabels',
  'options',
  'volumeAttributes',
]);

/** Scalars that Go holds by pointer: false, 0 and the empty string are something. Qualified where names mean two things. */
export const BY_POINTER: ReadonlySet<string> = new Set([
  'runAsUser',
  'runAsGroup',
  'runAsNonRoot',
  'privileged',
  'readOnlyRootFilesystem',
  'allowPrivilegeEscalation',
  'procMount',
  'fsGroup',
  'fsGroupChangePolicy',
  'localhostProfile',
  'gmsaCredentialSpecName',
  'gmsaCredentialSpec',
  'runAsUserName',
  'hostProcess',
  'terminationGracePeriodSeconds',
  'activeDeadlineSeconds',
  'priority',
  'automountServiceAccountToken',
  'shareProcessNamespace',
  'preemptionPolicy',
  'enableServiceLinks',
  'hostUsers',
  'runtimeClassName',
  'setHostnameAsFQDN',
  'deletionGracePeriodSeconds',
  'defaultMode',
  'mode',
  'optional',
  'tolerationSeconds',
  'expirationSeconds',
  'mountPropagation',
  'storageClassName',
  'volumeMode',
  'apiGroup',
  'sizeLimit',
  'csi.fsType',
  'csi.readOnly',
  'fc.lun',
]);

/** Maps of quantities. */
export const RESOURCES: ReadonlySet<string> = new Set(['limits', 'requests', 'overhead']);

/** Single quantities. */
export const QUANTITIES: ReadonlySet<string> = new Set(['sizeLimit', 'divisor']);

/** Maps: a key is something, whatever stands under it. */
export const MAPS: ReadonlySet<string> = new Set([
  'labels',
  'annotations',
  'nodeSelector',
  'matchLabels',
  'options',
  'volumeAttributes',
  ...RESOURCES,
]);

/** Members that are times. */
export const TIME = /(Timestamp|Time)$/;
