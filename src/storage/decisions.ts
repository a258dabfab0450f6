import { Prisma } from '../generated/prisma/client.js';
import type { AdmissionMode, AdmissionPhase } from '../model/admission.js';
import { decodeDetail } from '../model/decision-detail.js';
import type { Decision } from '../model/decision.js';
import { mapInTurns } from '../model/turns.js';
import { isUuid } from '../model/uuid.js';
import type { Tx } from './transaction.js';

/** One decision, or null. */
export async function findDecision(tx: Tx, id: string): Promise<Decision | null> {
  const [row] = await tx.$queryRaw<DecisionRow[]>`${SELECT} WHERE d.id = ${id}::uuid`;
  return row === undefined ? null : toDecision(row);
}

/** The decisions with these ids, in any order; unknown ones are left out. */
export async function findDecisionsByIds(tx: Tx, ids: readonly string[]): Promise<readonly Decision[]> {
  const known = ids.filter(isUuid);
  const rows = await tx.$queryRaw<DecisionRow[]>`${SELECT} WHERE d.id = ANY(${known}::uuid[])`;
  return mapInTurns(rows, toDecision);
}

/** What {@link DECISION_COLUMNS} give. */
export interface DecisionRow
  extends Omit<Decision, 'object' | 'candidates' | 'patch' | 'warnings' | 'admission'> {
  /** Null, as the other three, where it wasn't an API server that asked. */
  readonly phase: AdmissionPhase | null;
  readonly mode: AdmissionMode;
  readonly offline: boolean;
  readonly mutateDecisionId: string | null;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly podPath: string;
  readonly detail: string;
}

/** The members of a decision, for {@link toDecision}, of the tables of {@link DECISION_TABLES}. */
export const DECISION_COLUMNS = `
  d.id, d.cluster_id AS "clusterId", c.name AS "clusterName", d.sequence, d.decided_at AS "decidedAt",
    d.recorded_at AS "recordedAt", d.source, d.operation, d.api_version AS "apiVersion", d.kind, d.namespace, d.name,
    d.pod_path AS "podPath", d.content_digest AS "podDigest", d.allowed, d.code,
    d.policy_version_id AS "policyVersionId", p.name AS "policyName", v.number AS "policyVersion", d.actor,
    d.requester, d.policy_set_digest AS "policySetDigest", d.generation, d.engine_version AS "engineVersion",
    d.duration_us AS "durationMicros", d.reason, d.detail, d.phase, d.mode, d.offline,
    d.mutate_decision_id AS "mutateDecisionId"`;

const DETAILS = `
  JOIN clusters c ON c.id = d.cluster_id
  LEFT JOIN policy_versions v ON v.id = d.policy_version_id
  LEFT JOIN policies p ON p.id = v.policy_id`;

/** The tables that {@link DECISION_COLUMNS} are of. */
export const DECISION_TABLES = `decisions d ${DETAILS}`;

/** Part of the log, by the place of its decisions in it. */
export interface DecisionSpan {
  /** The table `decisions d`, alone or joined with what bounds it. */
  readonly from?: Prisma.Sql;
  /** What must be true of a decision `d`. */
  readonly where: Prisma.Sql;
  readonly direction: 'asc' | 'desc';
  readonly limit: number;
}

/**
 * A query of {@link DecisionRow}s. The part is taken from the log alone, in the order of its index, and only then joined
 * with what is said of its decisions: a log that has just grown has no statistics yet, and PostgreSQL, which then takes it
 * for a few rows, would join and sort all of it.
 */
export function selectDecisions({ from, where, direction, limit }: DecisionSpan): Prisma.Sql {
  const ordered = Prisma.raw(`ORDER BY d.sequence ${direction}`);
  return Prisma.sql`
    SELECT ${Prisma.raw(DECISION_COLUMNS)} FROM (
      SELECT d.* FROM ${from ?? Prisma.sql`decisions d`} WHERE ${where} ${ordered} LIMIT ${limit}
    ) d ${Prisma.raw(DETAILS)} ${ordered}`;
}

const SELECT = Prisma.raw(`SELECT ${DECISION_COLUMNS} FROM ${DECISION_TABLES}`);

/** The decision in a row. */
export function toDecision({
  apiVersion,
  kind,
  namespace,
  name,
  podPath,
  detail,
  ...columns
}: DecisionRow): Decision {
  const { phase, mode, offline, mutateDecisionId, ...row } = columns;
  const admission = phase === null ? null : { phase, mode, offline, mutateDecisionId };
  return {
    ...row,
    ...decodeDetail(detail),
    object: { apiVersion, kind, namespace, name, podPath },
    admission,
  };
}
