import { authorizeAcross } from '../../access/authorize.js';
import type { Cluster } from '../../model/cluster.js';
import { checkPage, type PageRequest } from '../../model/page.js';
import type { PodSpec, PodSpecRevision } from '../../model/pod-spec.js';
import type { PagesByParent } from '../../storage/pages-of.js';
import {
  findPodSpecRevisions,
  findPodSpecsByIds,
  findPodSpecsByPaths,
  podSpecPagesOf,
  podSpecRevisionPagesOf,
} from '../../storage/pod-specs.js';
import { readOnly } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';
import type { PodSpecPath } from './read-pod-specs.js';

/** The stored workloads with these ids that the principal sees, by id; others are left out. Throws FORBIDDEN. */
export async function getPodSpecsById(
  context: OperationContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PodSpec>> {
  const found = await findPodSpecsByIds(readOnly(context.services.database), ids);
  return new Map(visible(context, found).map((podSpec) => [podSpec.id, podSpec]));
}

/** A text that is the same for the same path. */
export function podSpecPathText({ cluster, namespace, kind, name }: PodSpecPath): string {
  return JSON.stringify([cluster, namespace, kind, name]);
}

/**
 * The stored workloads at these paths that the principal sees, by {@link podSpecPathText}; others are left out. Throws
 * FORBIDDEN.
 */
export async function getPodSpecsByPath(
  context: OperationContext,
  paths: readonly PodSpecPath[],
): Promise<ReadonlyMap<string, PodSpec>> {
  const found = await findPodSpecsByPaths(readOnly(context.services.database), paths);
  return new Map(
    visible(context, found).map((podSpec) => [
      podSpecPathText({ ...podSpec, cluster: podSpec.clusterName }),
      podSpec,
    ]),
  );
}

/** The latest revisions of these stored workloads, by the workload's id. Throws FORBIDDEN. */
export async function getLatestRevisions(
  context: OperationContext,
  podSpecs: readonly PodSpec[],
): Promise<ReadonlyMap<string, PodSpecRevision>> {
  const keys = visible(context, podSpecs).map(({ id, latestRevision }) => ({
    podSpecId: id,
    number: latestRevision,
  }));
  const revisions = await findPodSpecRevisions(readOnly(context.services.database), keys);
  return new Map(revisions.map((revision) => [revision.podSpecId, revision]));
}

/**
 * The same page of the stored workloads of each of these clusters that the principal sees, by the cluster's id; others
 * are left out. Throws FORBIDDEN, INVALID.
 */
export async function listPodSpecsOfClusters(
  { principal, services }: OperationContext,
  clusters: readonly Cluster[],
  request: PageRequest,
): Promise<PagesByParent<PodSpec>> {
  const page = checkPage(request);
  const sees = authorizeAcross(principal, 'pod-spec:read');
  const ids = clusters.filter(({ name }) => sees(name)).map(({ id }) => id);
  return podSpecPagesOf(readOnly(services.database), ids, page);
}

/**
 * The same page of the revisions of each of these stored workloads that the principal sees, by the workload's id; others
 * are left out. Throws FORBIDDEN, INVALID.
 */
export async function listRevisionsOfPodSpecs(
  context: OperationContext,
  podSpecs: readonly PodSpec[],
  request: PageRequest,
): Promise<PagesByParent<PodSpecRevision>> {
  const page = checkPage(request);
  const ids = visible(context, podSpecs).map(({ id }) => id);
  return podSpecRevisionPagesOf(readOnly(context.services.database), ids, page);
}

function visible({ principal }: OperationContext, podSpecs: readonly PodSpec[]): readonly PodSpec[] {
  const sees = authorizeAcross(principal, 'pod-spec:read');
  return podSpecs.filter(({ clusterName }) => sees(clusterName));
}
