import { v7 as uuidv7 } from 'uuid';
import type { Cluster as ClusterRow } from '../generated/prisma/client.js';
import { type Cluster, type ClusterSettings, clusterSettings } from '../model/cluster.js';
import { toAdmissionSettings } from './admission-settings.js';
import type { Page, PageRequest } from '../model/page.js';
import { descentById, idBeyond, pageById } from './cursors.js';
import { moveGenerations } from './generation.js';
import { storableText } from './storable.js';
import type { Tx } from './transaction.js';

/** The cluster with this name, or null. */
export async function findClusterByName(tx: Tx, name: string): Promise<Cluster | null> {
  const row = await tx.cluster.findUnique({ where: { name: storableText(name) } });
  return row === null ? null : toCluster(row);
}

/** As {@link findClusterByName}; nobody else changes the cluster before this transaction ends. */
export async function findClusterForChange(tx: Tx, name: string): Promise<Cluster | null> {
  // As moveGenerations locks it, which comes after.
  await tx.$queryRaw`SELECT id FROM clusters WHERE name = ${storableText(name)} FOR NO KEY UPDATE`;
  return findClusterByName(tx, name);
}

/** Those of the names that are clusters'. */
export async function findClusterNames(tx: Tx, names: readonly string[]): Promise<ReadonlySet<string>> {
  const where = { name: { in: names.map(storableText) } };
  return new Set((await tx.cluster.findMany({ where, select: { name: true } })).map(({ name }) => name));
}

/** The clusters with these ids, in any order; unknown ones are left out. */
export async function findClustersByIds(tx: Tx, ids: readonly string[]): Promise<readonly Cluster[]> {
  return (await tx.cluster.findMany({ where: { id: { in: [...ids] } } })).map(toCluster);
}

/** Clusters, newest first; of these names only where `names` isn't null. */
export async function pageClusters(
  tx: Tx,
  page: PageRequest & { readonly names: readonly string[] | null },
): Promise<Page<Cluster>> {
  const descent = descentById('clusters', page);
  const rows = await tx.cluster.findMany({
    where: {
      ...idBeyond(descent),
      ...(page.names === null ? {} : { name: { in: [...page.names] } }),
    },
    orderBy: { id: descent.direction },
    take: descent.take,
  });
  return pageById('clusters', rows.map(toCluster), page);
}

/** Creates a cluster; throws CONFLICT where the name is taken. */
export async function insertCluster(
  tx: Tx,
  cluster: ClusterSettings & { readonly name: string },
  actor: string,
): Promise<Cluster> {
  const instant = await moveGenerations(tx, [], null);
  const settings = columnsOf(cluster);
  const row = await tx.cluster.create({
    data: {
      ...settings,
      id: uuidv7(),
      name: cluster.name,
      createdAt: instant,
      updatedAt: instant,
      changedAt: instant,
    },
  });
  await tx.decisionHead.create({ data: { clusterId: row.id } });
  await insertRevision(tx, row.id, settings, actor, instant);
  return toCluster(row);
}

/** Changes the settings of a cluster; those before stay known to the past. */
export async function updateCluster(
  tx: Tx,
  id: string,
  changed: ClusterSettings,
  actor: string,
): Promise<Cluster> {
  const settings = columnsOf(changed);
  const instant = await moveGenerations(tx, [id], null);
  await tx.clusterRevision.updateMany({
    where: { clusterId: id, validTo: null },
    data: { validTo: instant, endedBy: actor },
  });
  await insertRevision(tx, id, settings, actor, instant);
  return toCluster(await tx.cluster.update({ where: { id }, data: { ...settings, updatedAt: instant } }));
}

async function insertRevision(
  tx: Tx,
  clusterId: string,
  settings: ReturnType<typeof columnsOf>,
  createdBy: string,
  validFrom: Date,
): Promise<void> {
  await tx.clusterRevision.create({ data: { ...settings, id: uuidv7(), clusterId, createdBy, validFrom } });
}

/** The settings as Prisma takes them. */
function columnsOf(settings: ClusterSettings) {
  const namespaceModes = settings.namespaceModes.map(({ namespace, mode }) => ({ namespace, mode }));
  return { ...clusterSettings(settings), namespaceModes };
}

function toCluster(row: ClusterRow): Cluster {
  const { changedAt: _, mode, onUnavailable, namespaceModes, ...cluster } = row;
  return { ...cluster, ...toAdmissionSettings({ ...row, mode, onUnavailable, namespaceModes }) };
}
