import { v7 as uuidv7 } from 'uuid';
import type { PodSpec as PodSpecRow, PodSpecRevision as RevisionRow } from '../generated/prisma/client.js';
import type { Page, PageRequest } from '../model/page.js';
import type { PodSpec, PodSpecRevision } from '../model/pod-spec.js';
import { isUuid } from '../model/uuid.js';
import { descentById, descentByNumber, pageById, pageByNumber } from './cursors.js';
import { descentSql, onlyPage, type PagesByParent, pagesOf } from './pages-of.js';
import { storableText } from './storable.js';
import type { Tx } from './transaction.js';

/** The stored workload with this name in a cluster, or null. */
export async function findPodSpec(
  tx: Tx,
  clusterId: string,
  namespace: string,
  kind: string,
  name: string,
): Promise<PodSpec | null> {
  const key = {
    clusterId,
    namespace: storableText(namespace),
    kind: storableText(kind),
    name: storableText(name),
  };
  const row = await tx.podSpec.findUnique({
    where: { clusterId_namespace_kind_name: key },
    include: WITH_CLUSTER,
  });
  return row === null ? null : toPodSpec(row);
}

/** The stored workloads with these ids, in any order; unknown ones, and what is no id, are left out. */
export async function findPodSpecsByIds(tx: Tx, ids: readonly string[]): Promise<readonly PodSpec[]> {
  const rows = await tx.podSpec.findMany({
    where: { id: { in: ids.filter(isUuid) } },
    include: WITH_CLUSTER,
  });
  return rows.map(toPodSpec);
}

/** Names a stored workload by its cluster's name and its own. */
export interface PodSpecPath {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/** The stored workloads at these paths, in any order; unknown ones are left out. */
export async function findPodSpecsByPaths(
  tx: Tx,
  paths: readonly PodSpecPath[],
): Promise<readonly PodSpec[]> {
  return tx.$queryRaw<PodSpec[]>`
    SELECT s.id, s.cluster_id AS "clusterId", s.namespace, s.kind, s.name, s.latest_revision AS "latestRevision",
      s.created_at AS "createdAt", c.name AS "clusterName"
    FROM unnest(${paths.map(({ cluster }) => storableText(cluster))}::text[],
      ${paths.map(({ namespace }) => storableText(namespace))}::text[],
      ${paths.map(({ kind }) => storableText(kind))}::text[],
      ${paths.map(({ name }) => storableText(name))}::text[]) AS path (cluster, namespace, kind, name)
    JOIN clusters c ON c.name = path.cluster
    JOIN pod_specs s ON s.cluster_id = c.id
      AND (s.namespace, s.kind, s.name) = (path.namespace, path.kind, path.name)`;
}

/** The stored workloads of a cluster, newest first. */
export async function pagePodSpecs(tx: Tx, clusterId: string, page: PageRequest): Promise<Page<PodSpec>> {
  return onlyPage(await podSpecPagesOf(tx, [clusterId], page));
}

/** The same page of the stored workloads of each of these clusters. */
export function podSpecPagesOf(
  tx: Tx,
  clusterIds: readonly string[],
  page: PageRequest,
): Promise<PagesByParent<PodSpec>> {
  const listOf = (clusterId: string) => `pod-specs:${clusterId}`;
  return pagesOf<PodSpec, string>(clusterIds, {
    descent: (clusterId) => descentById(listOf(clusterId), page),
    pageOf: (clusterId, podSpecs) => pageById(listOf(clusterId), podSpecs, page),
    async read(ids, descent) {
      const { beyond, limited, ordered } = descentSql(descent, 'pod_spec.id', 'uuid');
      const rows = await tx.$queryRaw<PodSpec[]>`
        SELECT pod_spec.*, c.name AS "clusterName" FROM clusters c
        CROSS JOIN LATERAL (
          SELECT id, cluster_id AS "clusterId", namespace, kind, name, latest_revision AS "latestRevision",
            created_at AS "createdAt"
          FROM pod_specs pod_spec WHERE cluster_id = c.id ${beyond} ${limited}
        ) pod_spec
        WHERE c.id = ANY(${[...ids]}::uuid[]) ${ordered}`;
      return rows.map((item) => ({ parentId: item.clusterId, item }));
    },
  });
}

/** One revision of a stored workload, or null. */
export async function findPodSpecRevision(
  tx: Tx,
  podSpecId: string,
  number: number,
): Promise<PodSpecRevision | null> {
  const row = await tx.podSpecRevision.findUnique({
    where: { podSpecId_number: { podSpecId, number } },
    include: WITH_CONTENT,
  });
  return row === null ? null : toRevision(row);
}

/** The revisions with these numbers of these stored workloads, in any order; unknown ones are left out. */
export async function findPodSpecRevisions(
  tx: Tx,
  keys: readonly { readonly podSpecId: string; readonly number: number }[],
): Promise<readonly PodSpecRevision[]> {
  const where = { OR: keys.map(({ podSpecId, number }) => ({ podSpecId, number })) };
  return (await tx.podSpecRevision.findMany({ where, include: WITH_CONTENT })).map(toRevision);
}

/** The revisions of a stored workload, newest first. */
export async function pagePodSpecRevisions(
  tx: Tx,
  podSpecId: string,
  page: PageRequest,
): Promise<Page<PodSpecRevision>> {
  return onlyPage(await podSpecRevisionPagesOf(tx, [podSpecId], page));
}

/** The same page of the revisions of each of these stored workloads. */
export function podSpecRevisionPagesOf(
  tx: Tx,
  podSpecIds: readonly string[],
  page: PageRequest,
): Promise<PagesByParent<PodSpecRevision>> {
  const listOf = (podSpecId: string) => `revisions:${podSpecId}`;
  return pagesOf<PodSpecRevision, number>(podSpecIds, {
    descent: (podSpecId) => descentByNumber(listOf(podSpecId), page),
    pageOf: (podSpecId, revisions) => pageByNumber(listOf(podSpecId), revisions, page),
    async read(ids, descent) {
      const { beyond, limited, ordered } = descentSql(descent, 'number', 'integer');
      const rows = await tx.$queryRaw<PodSpecRevision[]>`
        SELECT revision.*, c.content FROM unnest(${[...ids]}::uuid[]) AS parent (id)
        CROSS JOIN LATERAL (
          SELECT id, pod_spec_id AS "podSpecId", number, content_digest AS digest, author, created_at AS "createdAt"
          FROM pod_spec_revisions WHERE pod_spec_id = parent.id ${beyond} ${limited}
        ) revision
        JOIN pod_contents c ON c.digest = revision.digest ${ordered}`;
      return rows.map((item) => ({ parentId: item.podSpecId, item }));
    },
  });
}

/** A workload about to be stored, values that may be secret masked. */
export interface NewPodSpecRevision {
  readonly clusterId: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly digest: string;
  /** Canonical JSON that `digest` names. */
  readonly content: string;
  readonly author: string;
}

/** Stores a workload as the next revision of its name; the content of the latest revision again makes none. */
export async function savePodSpecRevision(
  tx: Tx,
  next: NewPodSpecRevision,
): Promise<{ readonly podSpec: PodSpec; readonly revision: PodSpecRevision; readonly created: boolean }> {
  const { clusterId, namespace, kind, name, digest, content, author } = next;
  // Makes the row or waits for whoever does, and holds it until the end: revisions are numbered one after the other.
  await tx.$executeRaw`
    INSERT INTO pod_specs (id, cluster_id, namespace, kind, name, latest_revision, created_at)
    VALUES (${uuidv7()}::uuid, ${clusterId}::uuid, ${namespace}, ${kind}, ${name}, 0, now())
    ON CONFLICT (cluster_id, namespace, kind, name) DO UPDATE SET name = EXCLUDED.name`;
  const podSpec = await findPodSpec(tx, clusterId, namespace, kind, name);
  if (podSpec === null) throw new Error('the row that was just written is there');
  const latest = await findPodSpecRevision(tx, podSpec.id, podSpec.latestRevision);
  if (latest?.digest === digest) return { podSpec, revision: latest, created: false };
  await tx.$executeRaw`
    INSERT INTO pod_contents (digest, content) VALUES (${digest}, ${content}) ON CONFLICT DO NOTHING`;
  const number = podSpec.latestRevision + 1;
  const row = await tx.podSpecRevision.create({
    data: {
      id: uuidv7(),
      podSpecId: podSpec.id,
      number,
      contentDigest: digest,
      author,
      createdAt: new Date(),
    },
    include: WITH_CONTENT,
  });
  await tx.podSpec.update({ where: { id: podSpec.id }, data: { latestRevision: number } });
  return { podSpec: { ...podSpec, latestRevision: number }, revision: toRevision(row), created: true };
}

/** The canonical JSON that a digest names, as workloads of decisions and revisions are stored; null for an unknown one. */
export async function findPodContent(tx: Tx, digest: string): Promise<string | null> {
  const row = await tx.podContent.findUnique({ where: { digest } });
  return row?.content ?? null;
}

const WITH_CLUSTER = { cluster: { select: { name: true } } } as const;
const WITH_CONTENT = { content: { select: { content: true } } } as const;

function toPodSpec(row: PodSpecRow & { readonly cluster: { readonly name: string } }): PodSpec {
  const { cluster, ...podSpec } = row;
  return { ...podSpec, clusterName: cluster.name };
}

function toRevision(row: RevisionRow & { readonly content: { readonly content: string } }): PodSpecRevision {
  const { content, contentDigest, ...revision } = row;
  return { ...revision, digest: contentDigest, content: content.content };
}
