import type pg from 'pg';
import { contentOf } from '../model/decision-chain.js';
import { encodeDetail, violatedControls } from '../model/decision-detail.js';
import type { NewDecision } from '../model/decision.js';
import { storableText } from './storable.js';

/** Decisions of one request, to be recorded all or none, with the generation of the policy set that made them. */
export interface AppendRequest {
  readonly clusterId: string;
  /** null: whatever the generation is now, for decisions that were made while the database was away. */
  readonly generation: bigint | null;
  readonly decisions: readonly NewDecision[];
}

/** What became of a request. */
export type AppendResult =
  | { readonly recorded: true; readonly lastSequence: bigint }
  | { readonly recorded: false; readonly reason: 'GENERATION_MOVED' };

/** A decision as it is stored, with its parts that are texts made of several members. */
interface StoredDecision {
  readonly decision: NewDecision;
  readonly detail: string;
  readonly content: Buffer;
  /** Number of the request that it belongs to, from 0. */
  readonly request: number;
}

type Column = readonly [name: string, type: string, value: (stored: StoredDecision) => unknown];

/** The columns that come from the decisions, each with its SQL type and how its value is told. */
const COLUMNS: readonly Column[] = [
  ['id', 'uuid', ({ decision }) => decision.id],
  ['decided_at', 'timestamptz', ({ decision }) => decision.decidedAt.toISOString()],
  ['source', 'text', ({ decision }) => decision.source],
  ['operation', 'text', ({ decision }) => decision.operation],
  ['api_version', 'text', ({ decision }) => decision.object.apiVersion],
  ['kind', 'text', ({ decision }) => decision.object.kind],
  ['namespace', 'text', ({ decision }) => decision.object.namespace],
  ['name', 'text', ({ decision }) => decision.object.name],
  ['pod_path', 'text', ({ decision }) => decision.object.podPath],
  ['content_digest', 'text', ({ decision }) => decision.podDigest],
  ['allowed', 'boolean', ({ decision }) => decision.allowed],
  ['code', 'text', ({ decision }) => decision.code],
  ['policy_version_id', 'uuid', ({ decision }) => decision.policyVersionId],
  ['actor', 'text', ({ decision }) => decision.actor],
  ['requester', 'jsonb', ({ decision }) => JSON.stringify(decision.requester)],
  ['policy_set_digest', 'text', ({ decision }) => decision.policySetDigest],
  ['generation', 'bigint', ({ decision }) => decision.generation],
  ['engine_version', 'text', ({ decision }) => decision.engineVersion],
  ['duration_us', 'integer', ({ decision }) => decision.durationMicros],
  ['reason', 'text', ({ decision }) => decision.reason],
  ['controls', 'jsonb', ({ decision }) => JSON.stringify(violatedControls(decision))],
  ['detail', 'text', ({ detail }) => detail],
  ['phase', 'text', ({ decision }) => decision.admission?.phase ?? null],
  ['mode', 'text', ({ decision }) => decision.admission?.mode ?? null],
  ['offline', 'boolean', ({ decision }) => decision.admission?.offline ?? null],
  ['mutate_decision_id', 'uuid', ({ decision }) => decision.admission?.mutateDecisionId ?? null],
];

const NAMES = COLUMNS.map(([name]) => name).join(', ');
const SELECTED = COLUMNS.map(([name]) =>
  name === 'controls' ? 'ARRAY(SELECT jsonb_array_elements_text(numbered.controls))' : `numbered.${name}`,
).join(', ');

/**
 * One statement for the requests of any number of clusters: one round trip, one transaction, one commit.
 *
 * The heads are locked first, in the order of the clusters: a head numbers the decisions and chains their digests, and
 * appends to one cluster queue at it. Then the clusters are locked against changes of their policy sets; waiting for a
 * change that is under way, the lock sees the generation after it. Requests with another generation are left out.
 */
const APPEND = `
  WITH head AS MATERIALIZED (
    SELECT cluster_id, last_sequence, digest FROM decision_heads
    WHERE cluster_id = ANY($1::uuid[]) ORDER BY cluster_id FOR UPDATE
  ), current AS MATERIALIZED (
    SELECT clusters.id, clusters.generation, head.last_sequence, head.digest
    FROM head JOIN clusters ON clusters.id = head.cluster_id ORDER BY clusters.id FOR SHARE OF clusters
  ), accepted AS MATERIALIZED (
    SELECT request.number - 1 AS request, current.id AS cluster_id, current.last_sequence
      + sum(request.decisions) OVER (PARTITION BY current.id ORDER BY request.number) AS last_sequence, request.decisions
    FROM unnest($1::uuid[], $2::bigint[], $3::int[]) WITH ORDINALITY AS request (cluster_id, generation, decisions, number)
    JOIN current ON current.id = request.cluster_id
      AND (request.generation IS NULL OR current.generation = request.generation)
  ), numbered AS MATERIALIZED (
    SELECT given.*, accepted.cluster_id,
      (accepted.last_sequence - accepted.decisions + given.place)::bigint AS sequence,
      sha256(given.content || int8send((accepted.last_sequence - accepted.decisions + given.place)::bigint)) AS digest
    FROM unnest($4::int[], $5::int[], $6::bytea[], ${COLUMNS.map(([, type], index) => `$${index + 9}::${type}[]`).join(', ')})
      AS given (request, place, content, ${NAMES})
    JOIN accepted ON accepted.request = given.request
  ), moment AS MATERIALIZED (
    SELECT date_trunc('milliseconds', clock_timestamp()) AS recorded_at FROM (SELECT count(*) FROM current) AS locked
  ), contents AS (
    INSERT INTO pod_contents (digest, content)
    SELECT digest, content FROM unnest($7::text[], $8::text[]) AS given (digest, content)
    WHERE EXISTS (SELECT FROM numbered WHERE numbered.content_digest = given.digest)
    ORDER BY digest
    ON CONFLICT DO NOTHING
  ), appended AS (
    INSERT INTO decisions (cluster_id, sequence, digest, recorded_at, ${NAMES})
    SELECT numbered.cluster_id, numbered.sequence, numbered.digest, moment.recorded_at, ${SELECTED}
    FROM numbered, moment
  ), batch AS MATERIALIZED (
    SELECT current.id AS cluster_id, min(numbered.sequence) AS first_sequence, max(numbered.sequence) AS last_sequence,
      sha256(uuid_send(current.id) || current.digest
        || int8send((extract(epoch FROM max(moment.recorded_at)) * 1000)::bigint)
        || string_agg(numbered.digest, ''::bytea ORDER BY numbered.sequence)) AS digest
    FROM numbered JOIN current ON current.id = numbered.cluster_id, moment
    GROUP BY current.id, current.digest
  ), chained AS (
    INSERT INTO decision_batches (cluster_id, first_sequence, last_sequence, recorded_at, digest)
    SELECT cluster_id, first_sequence, last_sequence, recorded_at, digest FROM batch, moment
  ), moved AS (
    UPDATE decision_heads SET last_sequence = batch.last_sequence, digest = batch.digest
    FROM batch WHERE decision_heads.cluster_id = batch.cluster_id
  )
  SELECT request, last_sequence::bigint FROM accepted`;

/**
 * Appends the decisions of several requests in one commit, in their order; durable when it resolves. The answers are in
 * the order of the requests.
 *
 * @throws pg's own errors; where the connection broke it isn't known whether the decisions were recorded.
 */
export async function appendDecisions(
  connection: Pick<pg.ClientBase | pg.Pool, 'query'>,
  requests: readonly AppendRequest[],
): Promise<readonly AppendResult[]> {
  const stored = requests.flatMap(({ decisions }, request) =>
    decisions.map((each) => storedForm(each, request)),
  );
  const contents = new Map(stored.map(({ decision }) => [decision.podDigest, decision.podContent]));
  const { rows } = await connection.query<{ request: string; last_sequence: string }>({
    name: 'append-decisions',
    text: APPEND,
    values: [
      requests.map(({ clusterId }) => clusterId),
      requests.map(({ generation }) => generation),
      requests.map(({ decisions }) => decisions.length),
      stored.map(({ request }) => request),
      requests.flatMap(({ decisions }) => decisions.map((_, index) => index + 1)),
      stored.map(({ content }) => content),
      [...contents.keys()],
      [...contents.values()],
      ...COLUMNS.map(([, , value]) => stored.map(value)),
    ],
  });
  const accepted = new Map(rows.map((row) => [Number(row.request), BigInt(row.last_sequence)]));
  return requests.map((_, request) => {
    const lastSequence = accepted.get(request);
    return lastSequence === undefined
      ? { recorded: false, reason: 'GENERATION_MOVED' }
      : { recorded: true, lastSequence };
  });
}

/** The decision with texts that PostgreSQL can hold: its digest covers what is read back. */
function storedForm(given: NewDecision, request: number): StoredDecision {
  const { object, requester } = given;
  const decision: NewDecision = {
    ...given,
    object: {
      apiVersion: storableText(object.apiVersion),
      kind: storableText(object.kind),
      namespace: storableText(object.namespace),
      name: storableText(object.name),
      podPath: object.podPath,
    },
    actor: storableText(given.actor),
    reason: storableText(given.reason),
    requester: {
      user: requester.user === null ? null : storableText(requester.user),
      groups: requester.groups.map(storableText),
      serviceAccount: requester.serviceAccount === null ? null : storableText(requester.serviceAccount),
      namespace: storableText(requester.namespace),
    },
  };
  const detail = encodeDetail(decision);
  return { decision, detail, content: contentOf(decision, detail), request };
}
