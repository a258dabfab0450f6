import type { AdmissionSettings } from './admission.js';

/** A Kubernetes cluster known by name, and how its pods are evaluated. */
export interface Cluster extends ClusterSettings {
  readonly id: string;
  readonly name: string;
  /** Moves with every change to the cluster's policy set or settings. */
  readonly generation: bigint;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a client sets of a cluster. */
export interface ClusterSettings extends AdmissionSettings {
  readonly displayName: string | null;
  /** Such as `1.24` or `v1.31.2`; information only. */
  readonly kubernetesVersion: string | null;
  /**
   * Evaluate pods as if the API server's ServiceAccount plugin had added its projected token volume, as it will
   * on the cluster.
   */
  readonly addServiceAccountVolume: boolean;
  /** Days for which decisions are kept, from 1; null: for ever. */
  readonly retention: number | null;
}

/** The settings of a new cluster for which nothing else is said. */
export const DEFAULT_CLUSTER_SETTINGS: ClusterSettings = {
  displayName: null,
  kubernetesVersion: null,
  addServiceAccountVolume: false,
  mode: 'ENFORCE',
  namespaceModes: [],
  mutateAlways: false,
  onUnavailable: 'DENY',
  retention: null,
};

/** The settings alone: a whole cluster may stand for them. */
export function clusterSettings(cluster: ClusterSettings): ClusterSettings {
  const { displayName, kubernetesVersion, addServiceAccountVolume, retention } = cluster;
  const { mode, namespaceModes, mutateAlways, onUnavailable } = cluster;
  return {
    displayName,
    kubernetesVersion,
    addServiceAccountVolume,
    mode,
    namespaceModes,
    mutateAlways,
    onUnavailable,
    retention,
  };
}

/** The longest retention that can be set: a hundred years. */
export const LONGEST_RETENTION_DAYS = 36_500;

/** A DNS-1123 subdomain of at most 253 characters, as Kubernetes' own names. */
export const CLUSTER_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
