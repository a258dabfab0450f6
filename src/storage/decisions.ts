import { Prisma } from '../generated/prisma/client.js';
import { decodeDetail } from '../model/decision-detail.js';
import type { Decision, DecisionFilter, DecisionOrder } from '../model/decision.js';
import { contentDigest } from '../model/policy-set.js';
import {
  decodeCursor,
  encodeCursor,
  foreignCursor,
  type Page,
  type PageRequest,
  pageOf,
} from '../model/page.js';
import { cursorName, isUuid } from './cursors.js';
import { storableText } from './storable.js';
import type { Tx } from './transaction.js';

/** One decision, or null. */
export async function findDecision(tx: Tx, id: string): Promise<Decision | null> {
  const [row] = await tx.$queryRaw<DecisionRow[]>`${SELECT} WHERE d.id = ${id}::uuid`;
  return row === undefined ? null : toDecision(row);
}

/** The decisions with these ids, in any order; unknown ones are left out. */
export async function findDecisionsByIds(tx: Tx, ids: readonly string[]): Promise<readonly Decision[]> {
  return (await tx.$queryRaw<DecisionRow[]>`${SELECT} WHERE d.id = ANY(${ids.filter(isUuid)}::uuid[])`).map(
    toDecision,
  );
}

/**
 * Decisions of a cluster by their place in its log. A cursor stays right while decisions arrive, and goes on with the
 * same filter and order only.
 */
export async function pageDecisions(
  tx: Tx,
  clusterId: string,
  filter: DecisionFilter,
  order: DecisionOrder,
  page: PageRequest,
): Promise<Page<Decision>> {
  const list = `decisions:${clusterId}:${order}:${contentDigest(JSON.stringify(sorted(filter))).slice(-16)}`;
  const after = sequenceAfter(list, page);
  const descending = (order === 'newest') !== (page.backward ?? false);
  const conditions = [Prisma.sql`d.cluster_id = ${clusterId}::uuid`, ...conditionsOf(filter)];
  if (after !== null) {
    conditions.push(descending ? Prisma.sql`d.sequence < ${after}` : Prisma.sql`d.sequence > ${after}`);
  }
  const rows = await tx.$queryRaw<DecisionRow[]>`
    ${SELECT} WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY d.sequence ${descending ? Prisma.sql`DESC` : Prisma.sql`ASC`} LIMIT ${page.first + 1}`;
  return pageOf(rows.map(toDecision), page, (decision) => encodeCursor(list, [String(decision.sequence)]));
}

function sequenceAfter(list: string, page: PageRequest): bigint | null {
  if (page.after === null) return null;
  const name = cursorName(page);
  const [sequence] = decodeCursor(list, page.after, 1, name);
  if (typeof sequence !== 'string' || !/^[1-9]\d{0,17}$/.test(sequence))
    throw foreignCursor(page.after, name);
  return BigInt(sequence);
}

function sorted(filter: DecisionFilter): readonly unknown[] {
  return Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1));
}

function conditionsOf(filter: DecisionFilter): Prisma.Sql[] {
  const { allowed, code, policy, version, control, since, until } = filter;
  const conditions: Prisma.Sql[] = [];
  if (allowed !== undefined) conditions.push(Prisma.sql`d.allowed = ${allowed}`);
  if (code !== undefined) conditions.push(Prisma.sql`d.code = ${code}`);
  if (policy !== undefined) {
    const name = storableText(policy);
    conditions.push(Prisma.sql`p.name = ${name}`);
    if (version !== undefined) conditions.push(Prisma.sql`v.number = ${version}`);
  }
  if (control !== undefined) conditions.push(Prisma.sql`d.controls @> ARRAY[${storableText(control)}]`);
  for (const column of ['namespace', 'kind', 'name', 'source', 'actor'] as const) {
    const value = filter[column];
    if (value !== undefined) conditions.push(Prisma.sql`d.${COLUMN[column]} = ${storableText(value)}`);
  }
  if (since !== undefined) conditions.push(Prisma.sql`d.decided_at >= ${since}`);
  if (until !== undefined) conditions.push(Prisma.sql`d.decided_at < ${until}`);
  return conditions;
}

const COLUMN = {
  namespace: Prisma.sql`namespace`,
  kind: Prisma.sql`kind`,
  name: Prisma.sql`name`,
  source: Prisma.sql`source`,
  actor: Prisma.sql`actor`,
} as const;

/** What {@link DECISION_COLUMNS} give. */
export interface DecisionRow extends Omit<Decision, 'object' | 'candidates' | 'patch' | 'warnings'> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly podPath: string;
  readonly detail: string;
}

/** The members of a decision, for {@link toDecision}. */
export const DECISION_COLUMNS = `
  d.id, d.cluster_id AS "clusterId", c.name AS "clusterName", d.sequence, d.decided_at AS "decidedAt",
    d.recorded_at AS "recordedAt", d.source, d.operation, d.api_version AS "apiVersion", d.kind, d.namespace, d.name,
    d.pod_path AS "podPath", d.content_digest AS "podDigest", d.allowed, d.code,
    d.policy_version_id AS "policyVersionId", p.name AS "policyName", v.number AS "policyVersion", d.actor,
    d.requester, d.policy_set_digest AS "policySetDigest", d.generation, d.engine_version AS "engineVersion",
    d.duration_us AS "durationMicros", d.reason, d.detail`;

/** The tables that {@link DECISION_COLUMNS} are of. */
export const DECISION_TABLES = `
  decisions d
  JOIN clusters c ON c.id = d.cluster_id
  LEFT JOIN policy_versions v ON v.id = d.policy_version_id
  LEFT JOIN policies p ON p.id = v.policy_id`;

const SELECT = Prisma.raw(`SELECT ${DECISION_COLUMNS} FROM ${DECISION_TABLES}`);

/** The decision in a row. */
export function toDecision({
  apiVersion,
  kind,
  namespace,
  name,
  podPath,
  detail,
  ...row
}: DecisionRow): Decision {
  return { ...row, ...decodeDetail(detail), object: { apiVersion, kind, namespace, name, podPath } };
}
