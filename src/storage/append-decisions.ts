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
  readonly tie?: AppendTie | undefined;
}

/**
 * What a request does with ties (admission-ties.ts) in the same commit: the first of its decisions is noted under a key,
 * or the note of another decision is taken. Where that isn't there, nothing is recorded.
 */
export type AppendTie = { readonly note: Buffer } | { readonly take: string };

/** What became of a request. */
export type AppendResult =
  | { readonly recorded: true; readonly lastSequence: bigint }
  | { readonly recorded: false; readonly reason: RefusedAppend };

/** GENERATION_MOVED: the policies are others by now. TIE_GONE: another has taken it. */
export type RefusedAppend = 'GENERATION_MOVED' | 'TIE_GONE';

/** A decision as it is stored, with its parts that are texts made of several members. */
interface StoredDecision {
  readonly decision: NewDecision;
  readonly detail: string;
  readonly content: Buffer;
  /** Number of the request that it belongs to, from 0. */
  readonly request: number;
  /** Its place among the decisions of the request, from 1. */
  readonly place: number;
}

/** What the statement is told of a decision, by the names of the columns. */
function rowOf({ decision, detail, content, request, place }: StoredDecision) {
  const { object, admission } = decision;
  return {
    request,
    place,
    content: content.toString('hex'),
    id: decision.id,
    decided_at: decision.decidedAt,
    source: decision.source,
    operation: decision.operation,
    api_version: object.apiVersion,
    kind: object.kind,
    namespace: object.namespace,
    name: object.name,
    pod_path: object.podPath,
    content_digest: decision.podDigest,
    allowed: decision.allowed,
    code: decision.code,
    policy_version_id: decision.policyVersionId,
    actor: decision.actor,
    requester: decision.requester,
    policy_set_digest: decision.policySetDigest,
    generation: String(decision.generation),
    engine_version: decision.engineVersion,
    duration_us: decision.durationMicros,
    reason: decision.reason,
    controls: violatedControls(decision),
    detail,
    phase: admission?.phase ?? null,
    mode: admission?.mode ?? null,
    offline: admission?.offline ?? null,
    mutate_decision_id: admission?.mutateDecisionId ?? null,
  };
}

/** The columns that come from the decisions, and their types. */
const COLUMNS: Readonly<
  Record<Exclude<keyof ReturnType<typeof rowOf>, 'request' | 'place' | 'content'>, string>
> = {
  id: 'uuid',
  decided_at: 'timestamptz',
  source: 'text',
  operation: 'text',
  api_version: 'text',
  kind: 'text',
  namespace: 'text',
  name: 'text',
  pod_path: 'text',
  content_digest: 'text',
  allowed: 'boolean',
  code: 'text',
  policy_version_id: 'uuid',
  actor: 'text',
  requester: 'jsonb',
  policy_set_digest: 'text',
  generation: 'bigint',
  engine_version: 'text',
  duration_us: 'integer',
  reason: 'text',
  controls: 'text[]',
  detail: 'text',
  phase: 'text',
  mode: 'text',
  offline: 'boolean',
  mutate_decision_id: 'uuid',
};

const NAMES = Object.keys(COLUMNS).join(', ');
const TYPED = Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

/**
 * One statement for the requests of any number of clusters: one round trip, one transaction, one commit.
 *
 * The heads are locked first, in the order of the clusters: a head numbers the decisions and chains their digests, and
 * appends to one cluster queue at it. Then the clusters are locked against changes of their policy sets; waiting for a
 * change that is under way, the lock sees the generation after it. Requests with another generation are left out, and
 * those whose tie is gone.
 *
 * The decisions come as one JSON text: an array for each column takes twice as long to write and to read.
 */
const APPEND = `
  WITH head AS MATERIALIZED (
    SELECT cluster_id, last_sequence, digest FROM decision_heads
    WHERE cluster_id = ANY($1::uuid[]) ORDER BY cluster_id FOR UPDATE
  ), current AS MATERIALIZED (
    SELECT clusters.id, clusters.generation, head.last_sequence, head.digest
    FROM head JOIN clusters ON clusters.id = head.cluster_id ORDER BY clusters.id FOR SHARE OF clusters
  ), valid AS MATERIALIZED (
    SELECT request.*, current.last_sequence
    FROM unnest($1::uuid[], $2::bigint[], $3::int[], $6::bytea[], $7::uuid[])
      WITH ORDINALITY AS request (cluster_id, generation, decisions, noted, taken, number)
    JOIN current ON current.id = request.cluster_id
      AND (request.generation IS NULL OR current.generation = request.generation)
  ), taken AS MATERIALIZED (
    DELETE FROM admission_ties USING valid WHERE decision_id = valid.taken RETURNING decision_id
  ), accepted AS MATERIALIZED (
    SELECT number - 1 AS request, cluster_id, noted, decisions,
      last_sequence + sum(decisions) OVER (PARTITION BY cluster_id ORDER BY number) AS last_sequence
    FROM valid WHERE taken IS NULL OR taken IN (SELECT decision_id FROM taken)
  ), numbered AS MATERIALIZED (
    SELECT given.*, accepted.cluster_id, accepted.noted,
      (accepted.last_sequence - accepted.decisions + given.place)::bigint AS sequence,
      sha256(decode(given.content, 'hex') || int8send((accepted.last_sequence - accepted.decisions + given.place)::bigint)) AS digest
    FROM json_to_recordset($4) AS given (request int, place int, content text, ${TYPED})
    JOIN accepted ON accepted.request = given.request
  ), moment AS MATERIALIZED (
    SELECT date_trunc('milliseconds', clock_timestamp()) AS recorded_at FROM (SELECT count(*) FROM current) AS locked
  ), contents AS (
    INSERT INTO pod_contents (digest, content)
    SELECT digest, content FROM json_to_recordset($5) AS given (digest text, content text)
    WHERE EXISTS (SELECT FROM numbered WHERE numbered.content_digest = given.digest)
    ORDER BY digest
    ON CONFLICT DO NOTHING
  ), appended AS (
    INSERT INTO decisions (cluster_id, sequence, digest, recorded_at, ${NAMES})
    SELECT cluster_id, sequence, digest, recorded_at, ${NAMES}
    FROM numbered, moment
  ), noted AS (
    INSERT INTO admission_ties (decision_id, key) SELECT id, noted FROM numbered WHERE place = 1 AND noted IS NOT NULL
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
  SELECT valid.number - 1 AS request, accepted.last_sequence::bigint
  FROM valid LEFT JOIN accepted ON accepted.request = valid.number - 1`;

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
    decisions.map((each, index) => storedForm(each, request, index + 1)),
  );
  const contents = new Map(stored.map(({ decision }) => [decision.podDigest, decision.podContent]));
  const { rows } = await connection.query<{ request: string; last_sequence: string | null }>({
    name: 'append-decisions',
    text: APPEND,
    values: [
      requests.map(({ clusterId }) => clusterId),
      requests.map(({ generation }) => generation),
      requests.map(({ decisions }) => decisions.length),
      JSON.stringify(stored.map(rowOf)),
      JSON.stringify(Array.from(contents, ([digest, content]) => ({ digest, content }))),
      requests.map(({ tie }) => (tie !== undefined && 'note' in tie ? tie.note : null)),
      requests.map(({ tie }) => (tie !== undefined && 'take' in tie ? tie.take : null)),
    ],
  });
  const valid = new Map(rows.map((row) => [Number(row.request), row.last_sequence]));
  return requests.map((_, request) => {
    const lastSequence = valid.get(request);
    if (lastSequence === undefined) return { recorded: false, reason: 'GENERATION_MOVED' };
    if (lastSequence === null) return { recorded: false, reason: 'TIE_GONE' };
    return { recorded: true, lastSequence: BigInt(lastSequence) };
  });
}

/** The decision with texts that PostgreSQL can hold: its digest covers what is read back. */
function storedForm(given: NewDecision, request: number, place: number): StoredDecision {
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
  return { decision, detail, content: contentOf(decision, detail), request, place };
}
