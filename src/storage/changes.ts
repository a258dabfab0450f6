import { exactJson } from '../model/exact-json.js';
import { v7 as uuidv7 } from 'uuid';
import type { Prisma } from '../generated/prisma/client.js';
import type { Change, ChangeAction, NewChange } from '../model/change.js';
import type { Page, PageRequest } from '../model/page.js';
import { descentById, idBeyond, pageById } from './cursors.js';
import { storableText } from './storable.js';
import type { Tx } from './transaction.js';

/** Records a change; belongs into the transaction of the change itself. */
export async function insertChange(tx: Tx, change: NewChange): Promise<void> {
  const { actor, action, clusterId, policyId } = change;
  const details = exactJson(storableValue(change.details));
  await tx.$executeRaw`
    INSERT INTO changes (id, at, actor, action, cluster_id, policy_id, details)
    VALUES (${uuidv7()}::uuid, clock_timestamp(), ${actor}, ${action}, ${clusterId}::uuid, ${policyId}::uuid,
      ${details}::jsonb)`;
}

/** Which changes; what is null doesn't filter. */
export interface ChangeFilter {
  readonly clusterId: string | null;
  readonly policyId: string | null;
  /** Only changes of clusters with these names, and of policies that are assigned there now. */
  readonly clusterNames: readonly string[] | null;
}

/** Changes, newest first. */
export async function pageChanges(tx: Tx, filter: ChangeFilter, page: PageRequest): Promise<Page<Change>> {
  const list = `changes:${filter.clusterId ?? ''}:${filter.policyId ?? ''}`;
  const descent = descentById(list, page);
  const rows = await tx.change.findMany({
    where: {
      ...idBeyond(descent),
      ...(filter.clusterId === null ? {} : { clusterId: filter.clusterId }),
      ...(filter.policyId === null ? {} : { policyId: filter.policyId }),
      ...(filter.clusterNames === null ? {} : visibleIn(filter.clusterNames)),
    },
    include: { cluster: { select: { name: true } }, policy: { select: { name: true } } },
    orderBy: { id: descent.direction },
    take: descent.take,
  });
  return pageById(list, rows.map(toChange), page);
}

interface Row extends Omit<Change, 'action' | 'details' | 'clusterName' | 'policyName'> {
  readonly action: string;
  readonly details: unknown;
  readonly cluster: { readonly name: string } | null;
  readonly policy: { readonly name: string } | null;
}

function toChange({ cluster, policy, ...row }: Row): Change {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only insertChange writes the column
  const action = row.action as ChangeAction;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only insertChange writes the column
  const details = row.details as Change['details'];
  return { ...row, action, details, clusterName: cluster?.name ?? null, policyName: policy?.name ?? null };
}

function visibleIn(clusterNames: readonly string[]): Prisma.ChangeWhereInput {
  const cluster = { name: { in: [...clusterNames] } };
  return {
    OR: [{ cluster }, { clusterId: null, policy: { assignments: { some: { validTo: null, cluster } } } }],
  };
}

/** The value with every text made storable; jsonb refuses NUL even when it is escaped. */
function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(storableValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storableText(key), storableValue(inner)]),
  );
}
