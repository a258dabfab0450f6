import { v7 as uuidv7 } from 'uuid';
import type { Policy as PolicyRow, PolicyVersion as VersionRow } from '../generated/prisma/client.js';
import type { Page, PageRequest } from '../model/page.js';
import type { Policy, PolicyKind, PolicyVersion, SourceFormat } from '../model/policy.js';
import { descentById, idBeyond, descentByNumber, pageById, pageByNumber } from './cursors.js';
import { moveGenerations } from './generation.js';
import { descentSql, onlyPage, type PagesByParent, pagesOf } from './pages-of.js';
import { storableText } from './storable.js';
import type { Tx } from './transaction.js';

/** The policy with this name, or null. */
export async function findPolicyByName(tx: Tx, name: string): Promise<Policy | null> {
  const row = await tx.policy.findUnique({ where: { name: storableText(name) } });
  return row === null ? null : toPolicy(row);
}

/**
 * The policy with this name if it is assigned now in one of these clusters, or null. One question to the database: two
 * would tell by their time that there is such a policy elsewhere.
 */
export async function findPolicyAssignedIn(
  tx: Tx,
  name: string,
  clusterNames: readonly string[],
): Promise<Policy | null> {
  const row = await tx.policy.findFirst({
    where: { name: storableText(name), ...assignedIn(clusterNames) },
  });
  return row === null ? null : toPolicy(row);
}

/** The policies with these ids, in any order; unknown ones are left out. */
export async function findPoliciesByIds(tx: Tx, ids: readonly string[]): Promise<readonly Policy[]> {
  return (await tx.policy.findMany({ where: { id: { in: [...ids] } } })).map(toPolicy);
}

/** The same as {@link findPolicyByName}, held against every other change until the transaction ends. */
export async function lockPolicy(tx: Tx, name: string): Promise<Policy | null> {
  await tx.$queryRaw`SELECT id FROM policies WHERE name = ${storableText(name)} FOR NO KEY UPDATE`;
  return findPolicyByName(tx, name);
}

/** Creates a policy, still without a version; throws CONFLICT where the name is taken. */
export async function insertPolicy(
  tx: Tx,
  policy: { readonly name: string; readonly kind: PolicyKind },
): Promise<Policy> {
  const row = await tx.policy.create({
    data: { ...policy, id: uuidv7(), latestVersion: 0, createdAt: new Date() },
  });
  return toPolicy(row);
}

/** Sets or clears the time since when a policy is archived. */
export async function setPolicyArchived(tx: Tx, id: string, archivedAt: Date | null): Promise<void> {
  await tx.policy.update({ where: { id }, data: { archivedAt } });
}

/** Policies, newest first; where `clusterNames` isn't null only those that are assigned in these clusters now. */
export async function pagePolicies(
  tx: Tx,
  page: PageRequest & { readonly includeArchived: boolean; readonly clusterNames: readonly string[] | null },
): Promise<Page<Policy>> {
  const descent = descentById('policies', page);
  const rows = await tx.policy.findMany({
    where: {
      ...idBeyond(descent),
      ...(page.includeArchived ? {} : { archivedAt: null }),
      ...(page.clusterNames === null ? {} : assignedIn(page.clusterNames)),
    },
    orderBy: { id: descent.direction },
    take: descent.take,
  });
  return pageById('policies', rows.map(toPolicy), page);
}

/** What is true of a policy that is assigned now in one of these clusters. */
function assignedIn(clusterNames: readonly string[]) {
  return { assignments: { some: { validTo: null, cluster: { name: { in: [...clusterNames] } } } } };
}

/** A version about to be written. */
export interface NewPolicyVersion {
  readonly policyId: string;
  /** The number after the latest. */
  readonly number: number;
  readonly digest: string;
  readonly content: string;
  readonly source: string;
  readonly sourceFormat: SourceFormat;
  readonly message: string | null;
  readonly author: string;
  readonly restoredFrom: number | null;
}

/**
 * Writes the next version of a policy that the transaction has locked; it is in force at once in every cluster where
 * the policy is assigned without a pinned version.
 */
export async function insertPolicyVersion(tx: Tx, version: NewPolicyVersion): Promise<PolicyVersion> {
  const { policyId, number } = version;
  const following = await tx.assignment.findMany({
    where: { policyId, validTo: null, pinnedVersion: null },
    select: { clusterId: true },
  });
  const createdAt = await moveGenerations(
    tx,
    following.map((assignment) => assignment.clusterId),
    policyId,
  );
  const row = await tx.policyVersion.create({
    data: {
      ...version,
      id: uuidv7(),
      createdAt,
      source: storableText(version.source),
      message: version.message === null ? null : storableText(version.message),
    },
    include: WITH_NAME,
  });
  await tx.policy.update({ where: { id: policyId }, data: { latestVersion: number } });
  return toVersion(row);
}

/** One version of a policy, or null. */
export async function findPolicyVersion(
  tx: Tx,
  policyId: string,
  number: number,
): Promise<PolicyVersion | null> {
  const row = await tx.policyVersion.findUnique({
    where: { policyId_number: { policyId, number } },
    include: WITH_NAME,
  });
  return row === null ? null : toVersion(row);
}

/** The versions with these ids, in any order; unknown ones are left out. */
export async function findPolicyVersionsByIds(
  tx: Tx,
  ids: readonly string[],
): Promise<readonly PolicyVersion[]> {
  const rows = await tx.policyVersion.findMany({ where: { id: { in: [...ids] } }, include: WITH_NAME });
  return rows.map(toVersion);
}

/** The versions with these numbers of these policies, in any order; unknown ones are left out. */
export async function findPolicyVersions(
  tx: Tx,
  keys: readonly { readonly policyId: string; readonly number: number }[],
): Promise<readonly PolicyVersion[]> {
  const where = { OR: keys.map(({ policyId, number }) => ({ policyId, number })) };
  return (await tx.policyVersion.findMany({ where, include: WITH_NAME })).map(toVersion);
}

/** The versions of a policy, newest first. */
export async function pagePolicyVersions(
  tx: Tx,
  policyId: string,
  page: PageRequest,
): Promise<Page<PolicyVersion>> {
  return onlyPage(await policyVersionPagesOf(tx, [policyId], page));
}

/** The same page of the versions of each of these policies. */
export function policyVersionPagesOf(
  tx: Tx,
  policyIds: readonly string[],
  page: PageRequest,
): Promise<PagesByParent<PolicyVersion>> {
  const listOf = (policyId: string) => `versions:${policyId}`;
  return pagesOf<PolicyVersion, number>(policyIds, {
    descent: (policyId) => descentByNumber(listOf(policyId), page),
    pageOf: (policyId, versions) => pageByNumber(listOf(policyId), versions, page),
    async read(ids, descent) {
      const { beyond, limited, ordered } = descentSql(descent, 'number', 'integer');
      const rows = await tx.$queryRaw<PolicyVersion[]>`
        SELECT version.*, p.name AS "policyName" FROM policies p
        CROSS JOIN LATERAL (
          SELECT id, policy_id AS "policyId", number, digest, content, source, source_format AS "sourceFormat", message,
            author, restored_from AS "restoredFrom", created_at AS "createdAt"
          FROM policy_versions WHERE policy_id = p.id ${beyond} ${limited}
        ) version
        WHERE p.id = ANY(${[...ids]}::uuid[]) ${ordered}`;
      return rows.map((item) => ({ parentId: item.policyId, item }));
    },
  });
}

const WITH_NAME = { policy: { select: { name: true } } } as const;

function toPolicy(row: PolicyRow): Policy {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only insertPolicy writes the column
  return { ...row, kind: row.kind as PolicyKind };
}

function toVersion(row: VersionRow & { readonly policy: { readonly name: string } }): PolicyVersion {
  const { policy, ...version } = row;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a CHECK of the table allows these values only
  const sourceFormat = row.sourceFormat as SourceFormat;
  return { ...version, policyName: policy.name, sourceFormat };
}
