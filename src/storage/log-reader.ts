import type { LoggedBatch, LoggedDecision, LogEnd } from '../model/verify-log.js';
import type { Decision } from '../model/decision.js';
import { violatedControls } from '../model/decision-detail.js';
import { mapInTurns } from '../model/turns.js';
import type { Database } from './database.js';
import { DECISION_COLUMNS, DECISION_TABLES, type DecisionRow, toDecision } from './decisions.js';
import { translateError } from './errors.js';

/** Decisions read at a time, at least: batches are read whole. */
const DECISIONS_AT_A_TIME = 100;

/** Where a cluster's log ends. */
export async function readLogEnd(database: Database, clusterId: string): Promise<LogEnd> {
  const { rows } = await query<{ sequence: string; digest: Buffer }>(
    database,
    'SELECT last_sequence AS sequence, digest FROM decision_heads WHERE cluster_id = $1',
    [clusterId],
  );
  const [head] = rows;
  return head === undefined
    ? { sequence: 0n, digest: Buffer.alloc(0) }
    : { sequence: BigInt(head.sequence), digest: head.digest };
}

/** A decision outside the log's ends, where none can come by an append; null for none. */
export async function findStray(
  database: Database,
  clusterId: string,
  removedThrough: bigint,
): Promise<{ readonly sequence: bigint; readonly id: string } | null> {
  const { rows } = await query<{ sequence: string; id: string }>(
    database,
    `SELECT d.sequence, d.id FROM decision_heads h JOIN decisions d ON d.cluster_id = h.cluster_id
       AND (d.sequence > h.last_sequence OR d.sequence <= $2)
     WHERE h.cluster_id = $1 ORDER BY d.sequence LIMIT 1`,
    [clusterId, removedThrough],
  );
  const [stray] = rows;
  return stray === undefined ? null : { sequence: BigInt(stray.sequence), id: stray.id };
}

/** The batches of a cluster's log in their order, from after one sequence to the end that is given. */
export async function* readBatches(
  database: Database,
  clusterId: string,
  after: bigint,
  through: bigint,
): AsyncGenerator<LoggedBatch<LoggedDecision & Decision>> {
  for (let last = after; last < through; ) {
    const batches = await nextBatches(database, clusterId, last, through);
    const [first] = batches;
    const end = batches.at(-1);
    if (first === undefined || end === undefined) return;
    const decisions = await readDecisions(database, clusterId, first.firstSequence, end.lastSequence);
    let next = 0;
    for (const batch of batches) {
      const from = next;
      while (next < decisions.length && (decisions[next]?.sequence ?? 0n) <= batch.lastSequence) next += 1;
      yield { ...batch, decisions: decisions.slice(from, next) };
    }
    last = end.lastSequence;
  }
}

async function nextBatches(database: Database, clusterId: string, after: bigint, through: bigint) {
  const { rows } = await query<{ first: string; last: string; recordedAt: Date; digest: Buffer }>(
    database,
    `SELECT first_sequence AS first, last_sequence AS last, recorded_at AS "recordedAt", digest FROM decision_batches
     WHERE cluster_id = $1 AND last_sequence > $2 AND last_sequence <= $3 ORDER BY last_sequence LIMIT $4`,
    [clusterId, after, through, DECISIONS_AT_A_TIME],
  );
  const batches = rows.map(({ first, last, ...batch }) => ({
    ...batch,
    firstSequence: BigInt(first),
    lastSequence: BigInt(last),
  }));
  const enough = after + BigInt(DECISIONS_AT_A_TIME);
  return batches.filter(({ lastSequence }, index) => index === 0 || lastSequence <= enough);
}

/** As `pg` reads it: a bigint is a text. */
interface LoggedRow extends Omit<DecisionRow, 'sequence' | 'generation'> {
  readonly sequence: string;
  readonly generation: string;
  readonly digest: Buffer;
  readonly controls: readonly string[];
}

/** The decisions between two sequences, both included, with the digests that were stored with them. */
export async function readDecisions(
  database: Database,
  clusterId: string,
  from: bigint,
  through: bigint,
): Promise<readonly (LoggedDecision & Decision)[]> {
  const { rows } = await query<LoggedRow>(
    database,
    `SELECT ${DECISION_COLUMNS}, d.digest, d.controls FROM ${DECISION_TABLES}
     WHERE d.cluster_id = $1 AND d.sequence BETWEEN $2 AND $3 ORDER BY d.sequence`,
    [clusterId, from, through],
  );
  return mapInTurns(rows, toLogged);
}

/** Digests of alterations that the other members don't show. */
const NOT_AS_RECORDED = Buffer.alloc(0);

function toLogged({ digest, controls, ...row }: LoggedRow): LoggedDecision & Decision {
  const decision = toDecision({ ...row, sequence: BigInt(row.sequence), generation: BigInt(row.generation) });
  const derived = violatedControls(decision);
  const asDerived =
    derived.length === controls.length && derived.every((each, index) => each === controls[index]);
  return { ...decision, digest: asDerived ? digest : NOT_AS_RECORDED };
}

/**
 * Digests of stored workloads that are named by decisions between two sequences, and are missing or not what the digest
 * says; with the first decision that names each.
 */
export async function findAlteredContents(
  database: Database,
  clusterId: string,
  from: bigint,
  through: bigint,
): Promise<readonly { readonly sequence: bigint; readonly id: string }[]> {
  const { rows } = await query<{ sequence: string; id: string }>(
    database,
    `SELECT named.sequence, named.id FROM (
       SELECT DISTINCT ON (content_digest) content_digest, sequence, id FROM decisions
       WHERE cluster_id = $1 AND sequence BETWEEN $2 AND $3 ORDER BY content_digest, sequence
     ) AS named LEFT JOIN pod_contents c ON c.digest = named.content_digest
     WHERE c.digest IS NULL OR c.digest <> 'sha256:' || encode(sha256(convert_to(c.content, 'UTF8')), 'hex')
     ORDER BY named.sequence`,
    [clusterId, from, through],
  );
  return rows.map(({ sequence, id }) => ({ sequence: BigInt(sequence), id }));
}

async function query<R extends object>(database: Database, text: string, values: readonly unknown[]) {
  try {
    return await database.pool.query<R>(text, [...values]);
  } catch (error) {
    throw translateError(error);
  }
}
