import type pg from 'pg';
import type { NewDecision } from '../model/decision.js';
import { appendDecisions, type AppendRequest, type AppendResult } from './append-decisions.js';

/** Characters in one statement, about: making it takes some milliseconds, in which nothing else is done. */
const PART = 256 * 1024;
/** What a candidate adds to a decision, about, and what its other members add. */
const CANDIDATE = 200;
const REST = 1_000;

const LOCK_HEAD = 'SELECT FROM decision_heads WHERE cluster_id = $1 FOR UPDATE';
const ADD_CONTENTS = `
  INSERT INTO pod_contents (digest, content)
  SELECT digest, content FROM unnest($1::text[], $2::text[]) AS given (digest, content) ORDER BY digest
  ON CONFLICT DO NOTHING`;

/**
 * Appends the decisions of one request, all or none, in statements of bounded size within one transaction. After the
 * first one the cluster's policy set can't change until the end. The connection must be one, not a pool.
 *
 * Locks are taken in the order of a single append, so that none waits for another in a circle: the head, then the
 * contents in the order of their digests.
 *
 * @throws as {@link appendDecisions}.
 */
export async function appendInParts(
  connection: pg.PoolClient,
  request: AppendRequest,
): Promise<AppendResult> {
  const parts = partsOf(request.decisions, sizeOf);
  if (parts.length <= 1) return appendPart(connection, request);
  await connection.query('BEGIN');
  try {
    await connection.query(LOCK_HEAD, [request.clusterId]);
    for (const contents of contentParts(request.decisions)) {
      await connection.query(ADD_CONTENTS, [
        contents.map(([digest]) => digest),
        contents.map(([, text]) => text),
      ]);
    }
    const result = await appendParts(connection, request, parts);
    await connection.query(result.recorded ? 'COMMIT' : 'ROLLBACK');
    return result;
  } catch (error) {
    // Where the connection is broken the server does it by itself.
    await connection.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function appendParts(
  connection: pg.PoolClient,
  request: AppendRequest,
  parts: readonly (readonly NewDecision[])[],
): Promise<AppendResult> {
  let result: AppendResult = { recorded: false, reason: 'GENERATION_MOVED' };
  for (const [index, decisions] of parts.entries()) {
    const tie = index === 0 ? request.tie : undefined;
    result = await appendPart(connection, { ...request, decisions, tie });
    if (!result.recorded) break;
  }
  return result;
}

async function appendPart(connection: pg.PoolClient, request: AppendRequest): Promise<AppendResult> {
  const [result] = await appendDecisions(connection, [request]);
  if (result === undefined) throw new Error('every request has its result');
  return result;
}

function sizeOf({ podContent, candidates }: NewDecision): number {
  return podContent.length + candidates.length * CANDIDATE + REST;
}

function contentParts(decisions: readonly NewDecision[]) {
  const contents = new Map(decisions.map(({ podDigest, podContent }) => [podDigest, podContent]));
  const sorted = [...contents].sort(([one], [other]) => (one < other ? -1 : 1));
  return partsOf(sorted, ([, text]) => text.length);
}

function partsOf<T>(items: readonly T[], size: (item: T) => number): readonly (readonly T[])[] {
  const parts: T[][] = [];
  let part: T[] = [];
  let total = 0;
  for (const item of items) {
    total += size(item);
    if (part.length === 0 || total > PART) {
      part = [];
      parts.push(part);
      total = size(item);
    }
    part.push(item);
  }
  return parts;
}
