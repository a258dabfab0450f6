import type { DecisionCandidate, NewDecision } from '../model/decision.js';
import type { Database } from './database.js';
import { encodeDetail } from './decision-detail.js';
import { translateError } from './errors.js';
import { storableText } from './storable.js';

/** What became of an append. */
export type AppendResult =
  | { readonly recorded: true; readonly lastSequence: bigint }
  | { readonly recorded: false; readonly reason: 'GENERATION_MOVED' };

/**
 * The columns that come from the decisions, each with its SQL type and how its value is told. `cluster_id`, `sequence`
 * and `recorded_at` come from the statement itself.
 */
const COLUMNS: readonly (readonly [name: string, type: string, value: (decision: NewDecision) => unknown])[] =
  [
    ['id', 'uuid', (decision) => decision.id],
    ['decided_at', 'timestamptz', (decision) => decision.decidedAt.toISOString()],
    ['source', 'text', (decision) => decision.source],
    ['operation', 'text', (decision) => decision.operation],
    ['api_version', 'text', (decision) => storableText(decision.object.apiVersion)],
    ['kind', 'text', (decision) => storableText(decision.object.kind)],
    ['namespace', 'text', (decision) => storableText(decision.object.namespace)],
    ['name', 'text', (decision) => storableText(decision.object.name)],
    ['pod_path', 'text', (decision) => decision.object.podPath],
    ['content_digest', 'text', (decision) => decision.podDigest],
    ['allowed', 'boolean', (decision) => decision.allowed],
    ['code', 'text', (decision) => decision.code],
    ['policy_version_id', 'uuid', (decision) => decision.policyVersionId],
    ['actor', 'text', (decision) => storableText(decision.actor)],
    ['requester', 'jsonb', (decision) => requesterJson(decision)],
    ['policy_set_digest', 'text', (decision) => decision.policySetDigest],
    ['generation', 'bigint', (decision) => decision.generation],
    ['engine_version', 'text', (decision) => decision.engineVersion],
    ['duration_us', 'integer', (decision) => decision.durationMicros],
    ['reason', 'text', (decision) => storableText(decision.reason)],
    ['controls', 'jsonb', (decision) => JSON.stringify(violatedControls(decision))],
    ['detail', 'text', (decision) => encodeDetail(decision)],
  ];

/**
 * One statement, which is one transaction and one round trip. The cluster's head is locked first: it numbers the
 * decisions, and appends to one cluster queue at it. The cluster itself is then locked against changes of its policy
 * set and its generation compared; waiting for a change that is under way, the lock sees the generation after it, finds
 * no row, and nothing is written.
 */
const APPEND = `
  WITH head AS MATERIALIZED (
    SELECT cluster_id, last_sequence FROM decision_heads WHERE cluster_id = $1::uuid FOR UPDATE
  ), current AS MATERIALIZED (
    SELECT clusters.id, head.last_sequence FROM head JOIN clusters ON clusters.id = head.cluster_id
    WHERE clusters.generation = $2::bigint FOR SHARE OF clusters
  ), moved AS (
    UPDATE decision_heads SET last_sequence = current.last_sequence + $3::bigint FROM current
    WHERE decision_heads.cluster_id = current.id
    RETURNING decision_heads.last_sequence
  ), contents AS (
    INSERT INTO pod_contents (digest, content)
    SELECT digest, content FROM current, unnest($4::text[], $5::text[]) AS given (digest, content)
    ORDER BY digest
    ON CONFLICT DO NOTHING
  ), appended AS (
    INSERT INTO decisions (cluster_id, sequence, recorded_at, ${COLUMNS.map(([name]) => name).join(', ')})
    SELECT current.id, current.last_sequence + given.ordinal, clock_timestamp(), ${COLUMNS.map(selected).join(', ')}
    FROM current, unnest(${COLUMNS.map(([, type], index) => `$${index + 6}::${type}[]`).join(', ')})
      WITH ORDINALITY AS given (${COLUMNS.map(([name]) => name).join(', ')}, ordinal)
  )
  SELECT last_sequence FROM moved`;

function selected([name]: (typeof COLUMNS)[number]): string {
  return name === 'controls' ? 'ARRAY(SELECT jsonb_array_elements_text(given.controls))' : `given.${name}`;
}

/**
 * Appends decisions of one cluster in their order, all or none; durable when it resolves. GENERATION_MOVED: they were
 * made with a policy set that is no longer in force, and none was recorded.
 *
 * @throws PodgateError UNAVAILABLE where the database can't be reached; then it isn't known whether they were recorded.
 */
export async function appendDecisions(
  database: Database,
  clusterId: string,
  generation: bigint,
  decisions: readonly NewDecision[],
): Promise<AppendResult> {
  const contents = new Map(decisions.map((decision) => [decision.podDigest, decision.podContent]));
  const values = [
    clusterId,
    generation,
    decisions.length,
    [...contents.keys()],
    [...contents.values()],
    ...COLUMNS.map(([, , value]) => decisions.map(value)),
  ];
  try {
    const { rows } = await database.pool.query<{ last_sequence: string }>({
      name: 'append-decisions',
      text: APPEND,
      values,
    });
    const [moved] = rows;
    if (moved === undefined) return { recorded: false, reason: 'GENERATION_MOVED' };
    return { recorded: true, lastSequence: BigInt(moved.last_sequence) };
  } catch (error) {
    throw translateError(error);
  }
}

/** The controls that spoke against a denied pod, each once; of an admitted pod none counts. */
function violatedControls(decision: NewDecision): readonly string[] {
  if (decision.allowed) return [];
  const controls = decision.candidates.flatMap((candidate: DecisionCandidate) =>
    candidate.violations.map((violation) => violation.control),
  );
  return [...new Set(controls)].sort();
}

function requesterJson({ requester }: NewDecision): string {
  const { user, groups, serviceAccount, namespace } = requester;
  return JSON.stringify({
    user: user === null ? null : storableText(user),
    groups: groups.map(storableText),
    serviceAccount: serviceAccount === null ? null : storableText(serviceAccount),
    namespace: storableText(namespace),
  });
}
