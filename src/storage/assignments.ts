import { isDeepStrictEqual } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { type Assignment as AssignmentRow, Prisma } from '../generated/prisma/client.js';
import { type Assignment, type AssignmentTerms, type Subject, termsOf } from '../model/assignment.js';
import { moveGenerations } from './generation.js';
import type { Tx } from './transaction.js';

/** The assignment of a policy that is in force in a cluster, or null. */
export async function findAssignment(
  tx: Tx,
  clusterId: string,
  policyId: string,
): Promise<Assignment | null> {
  const row = await tx.assignment.findFirst({
    where: { clusterId, policyId, validTo: null },
    include: WITH_NAMES,
  });
  return row === null ? null : toAssignment(row);
}

/** The assignments in force of one cluster or of one policy, in byte order of policy and cluster names. */
export async function listAssignments(
  tx: Tx,
  of: { readonly clusterId: string } | { readonly policyId: string },
): Promise<readonly Assignment[]> {
  const rows = await tx.assignment.findMany({ where: { ...of, validTo: null }, include: WITH_NAMES });
  return rows.map(toAssignment).sort(byNames);
}

/**
 * The same for several clusters at once, or several policies; where `clusterNames` isn't null only in these clusters. Of
 * others nothing is read: the time that it takes would tell how many there are.
 */
export async function listAssignmentsOf(
  tx: Tx,
  of: { readonly clusterIds: readonly string[] } | { readonly policyIds: readonly string[] },
  clusterNames: readonly string[] | null,
): Promise<readonly Assignment[]> {
  const where =
    'clusterIds' in of ? { clusterId: { in: [...of.clusterIds] } } : { policyId: { in: [...of.policyIds] } };
  const seen = clusterNames === null ? {} : { cluster: { name: { in: [...clusterNames] } } };
  const rows = await tx.assignment.findMany({
    where: { ...where, ...seen, validTo: null },
    include: WITH_NAMES,
  });
  return rows.map(toAssignment).sort(byNames);
}

/** The assignment in force, and the one that was before it; null where the policy wasn't assigned. */
export interface PutAssignment {
  readonly assignment: Assignment;
  readonly before: Assignment | null;
}

/**
 * Assigns a policy, which is locked against new versions meanwhile; an assignment that is in force ends at the same
 * instant. The same terms again change nothing: the assignment is the one that was there before.
 */
export async function putAssignment(
  tx: Tx,
  terms: AssignmentTerms & { readonly clusterId: string; readonly policyId: string },
  actor: string,
): Promise<PutAssignment> {
  const { clusterId, policyId } = terms;
  // First the policy, then the cluster: as a new version locks them (generation.ts).
  await tx.$queryRaw`SELECT id FROM policies WHERE id = ${policyId}::uuid FOR NO KEY UPDATE`;
  // The cluster's row is what orders the changes of its assignments: what is read after it is locked holds.
  await tx.$queryRaw`SELECT id FROM clusters WHERE id = ${clusterId}::uuid FOR NO KEY UPDATE`;
  const before = await findAssignment(tx, clusterId, policyId);
  if (before !== null && isDeepStrictEqual(termsOf(before), termsOf(terms))) {
    return { assignment: before, before };
  }
  const instant = await moveGenerations(tx, [clusterId], policyId);
  if (before !== null) await end(tx, before.id, instant, actor);
  const row = await tx.assignment.create({
    data: {
      id: uuidv7(),
      clusterId,
      policyId,
      pinnedVersion: terms.pinnedVersion,
      subjects: terms.subjects === null ? Prisma.DbNull : terms.subjects.map((subject) => ({ ...subject })),
      namespaces: terms.namespaces === null ? Prisma.DbNull : [...terms.namespaces],
      validFrom: instant,
      createdBy: actor,
    },
    include: WITH_NAMES,
  });
  return { assignment: toAssignment(row), before };
}

/** Ends the assignment that is in force; gives it as it was, ended, or null where there is none. */
export async function endAssignment(
  tx: Tx,
  clusterId: string,
  policyId: string,
  actor: string,
): Promise<Assignment | null> {
  await tx.$queryRaw`SELECT id FROM clusters WHERE id = ${clusterId}::uuid FOR NO KEY UPDATE`;
  const before = await findAssignment(tx, clusterId, policyId);
  if (before === null) return null;
  const instant = await moveGenerations(tx, [clusterId], policyId);
  await end(tx, before.id, instant, actor);
  return { ...before, validTo: instant, endedBy: actor };
}

async function end(tx: Tx, id: string, validTo: Date, endedBy: string): Promise<void> {
  await tx.assignment.update({ where: { id }, data: { validTo, endedBy } });
}

const WITH_NAMES = { cluster: { select: { name: true } }, policy: { select: { name: true } } } as const;

type Named = AssignmentRow & {
  readonly cluster: { readonly name: string };
  readonly policy: { readonly name: string };
};

function toAssignment({ cluster, policy, ...row }: Named): Assignment {
  return { ...row, ...toTerms(row), clusterName: cluster.name, policyName: policy.name };
}

/** The terms in a row's columns. */
export function toTerms(row: {
  readonly pinnedVersion: number | null;
  readonly subjects: unknown;
  readonly namespaces: unknown;
}): AssignmentTerms {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only putAssignment writes the column
  const subjects = row.subjects as readonly Subject[] | null;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const namespaces = row.namespaces as readonly string[] | null;
  return { pinnedVersion: row.pinnedVersion, subjects, namespaces };
}

function byNames(a: Assignment, b: Assignment): number {
  const [x, y] = [`${a.policyName}\0${a.clusterName}`, `${b.policyName}\0${b.clusterName}`];
  return x < y ? -1 : x > y ? 1 : 0;
}
