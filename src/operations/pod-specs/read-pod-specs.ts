import { notFound } from '../../model/errors.js';
import { checkPage, type Page, type PageRequest } from '../../model/page.js';
import type { PodSpec, PodSpecRevision } from '../../model/pod-spec.js';
import {
  findPodSpec,
  findPodSpecRevision,
  pagePodSpecRevisions,
  pagePodSpecs,
} from '../../storage/pod-specs.js';
import { readOnly, type Tx } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';
import type { PodSpecKey } from './save-pod-spec.js';

/** Names a stored workload. */
export interface PodSpecPath extends PodSpecKey {
  readonly cluster: string;
}

/** Reads a stored workload with its latest revision. Throws NOT_FOUND. */
export async function getPodSpec(
  context: OperationContext,
  path: PodSpecPath,
): Promise<{ readonly podSpec: PodSpec; readonly latest: PodSpecRevision }> {
  const tx = readOnly(context.services.database);
  const podSpec = await findFor(context, tx, path);
  const latest = await findPodSpecRevision(tx, podSpec.id, podSpec.latestRevision);
  if (latest === null) throw notFound('Revision of pod spec', path.name);
  return { podSpec, latest };
}

/** The stored workloads of a cluster, newest first. Throws NOT_FOUND. */
export async function listPodSpecs(
  context: OperationContext,
  input: PageRequest & { readonly cluster: string },
): Promise<Page<PodSpec>> {
  const tx = readOnly(context.services.database);
  const page = checkPage(input);
  const cluster = await findClusterFor(context, 'pod-spec:read', tx, input.cluster);
  return pagePodSpecs(tx, cluster.id, page);
}

/** The revisions of a stored workload, newest first. Throws NOT_FOUND. */
export async function listPodSpecRevisions(
  context: OperationContext,
  input: PageRequest & PodSpecPath,
): Promise<Page<PodSpecRevision>> {
  const tx = readOnly(context.services.database);
  const page = checkPage(input);
  const podSpec = await findFor(context, tx, input);
  return pagePodSpecRevisions(tx, podSpec.id, page);
}

async function findFor(context: OperationContext, tx: Tx, path: PodSpecPath): Promise<PodSpec> {
  const cluster = await findClusterFor(context, 'pod-spec:read', tx, path.cluster);
  const podSpec = await findPodSpec(tx, cluster.id, path.namespace, path.kind, path.name);
  if (podSpec === null) throw notFound('Pod spec', `${path.namespace}/${path.kind}/${path.name}`);
  return podSpec;
}
