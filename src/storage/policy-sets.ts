import { type AdmissionColumns, toAdmissionSettings } from './admission-settings.js';
import { type DatedPolicySet, futureMoment, type PolicySetMember } from '../model/policy-set.js';
import { toTerms } from './assignments.js';
import type { Database } from './database.js';
import { createLookup } from './lookup.js';
import type { Tx } from './transaction.js';

/** Tells the generation that a cluster is at, or null for an unknown one. Throws UNAVAILABLE. */
export type ClusterGeneration = (clusterId: string) => Promise<bigint | null>;

/** Makes what tells the generations of the moment; those that are asked for together by one query. */
export function createGenerationLookup(database: Pick<Database, 'pool'>): ClusterGeneration {
  const find = createLookup<string, { readonly id: string; readonly generation: string }>(database, {
    name: 'find-generations',
    text: 'SELECT id, generation FROM clusters WHERE id = ANY($1::uuid[])',
    textOf: (id) => id,
    keyOf: ({ id }) => id,
  });
  return async (clusterId) => {
    const found = await find(clusterId);
    return found === null ? null : BigInt(found.generation);
  };
}

interface Row extends AdmissionColumns {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly at: Date;
  readonly generation: bigint;
  readonly addServiceAccountVolume: boolean;
  /** Null, as all that follows, in a set without policies. */
  readonly policyId: string | null;
  readonly policyName: string;
  readonly pinnedVersion: number | null;
  readonly subjects: unknown;
  readonly namespaces: unknown;
  readonly versionId: string;
  readonly version: number;
  readonly digest: string;
  readonly content: string;
}

/**
 * The policies in force in a cluster now, or at a moment that has been, with the generation that belongs to them: one
 * statement, so that they are of one moment. null where the cluster was not known then.
 *
 * @throws PodgateError INVALID for a moment in the future.
 */
export async function readPolicySet(tx: Tx, clusterId: string, at?: Date): Promise<DatedPolicySet | null> {
  if (at !== undefined) await waitForChanges(tx, clusterId, at);
  const [set] = await setsAt(tx, [clusterId], at === undefined ? 'infinity' : at.toISOString());
  return set ?? null;
}

/**
 * Waits for a change that has taken its instant and isn't committed yet: it must be seen. Changes that come later take
 * theirs from the database's clock (generation.ts), so it is this clock that tells whether the moment has been; a
 * server's may be ahead of it, and what was answered would change.
 */
async function waitForChanges(tx: Tx, clusterId: string, at: Date): Promise<void> {
  const [locked] = await tx.$queryRaw<{ isFuture: boolean }[]>`
    SELECT ${at.toISOString()}::timestamptz > clock_timestamp() AS "isFuture"
    FROM clusters WHERE id = ${clusterId}::uuid FOR SHARE`;
  if (locked?.isFuture) throw futureMoment(at);
}

/** The policies in force now in each of these clusters, of one moment and in any order; unknown ones are left out. */
export function readPolicySets(tx: Tx, clusterIds: readonly string[]): Promise<readonly DatedPolicySet[]> {
  return setsAt(tx, clusterIds, 'infinity');
}

/**
 * The sets of a moment; of `infinity` those of now, whose moment is then told by the clock, or is that of the cluster's
 * last change where this is still ahead of the clock (generation.ts rounds up).
 */
async function setsAt(
  tx: Tx,
  clusterIds: readonly string[],
  moment: string,
): Promise<readonly DatedPolicySet[]> {
  const rows = await tx.$queryRaw<Row[]>`
    SELECT c.id AS "clusterId", c.name AS "clusterName", c.generation,
      LEAST(${moment}::timestamptz, GREATEST(c.changed_at, date_trunc('milliseconds', now()))) AS at,
      r.add_service_account_volume AS "addServiceAccountVolume",
      r.mode, r.namespace_modes AS "namespaceModes", r.mutate_always AS "mutateAlways",
      r.on_unavailable AS "onUnavailable",
      a.policy_id AS "policyId", p.name AS "policyName", a.pinned_version AS "pinnedVersion",
      a.subjects, a.namespaces, v.id AS "versionId", v.number AS version, v.digest, v.content
    FROM clusters c
    JOIN cluster_revisions r ON r.cluster_id = c.id AND r.valid_from <= ${moment}::timestamptz
      AND (r.valid_to IS NULL OR r.valid_to > ${moment}::timestamptz)
    LEFT JOIN assignments a ON a.cluster_id = c.id AND a.valid_from <= ${moment}::timestamptz
      AND (a.valid_to IS NULL OR a.valid_to > ${moment}::timestamptz)
    LEFT JOIN policies p ON p.id = a.policy_id
    LEFT JOIN LATERAL (
      SELECT id, number, digest, content FROM policy_versions
      WHERE policy_id = a.policy_id AND created_at <= ${moment}::timestamptz
        AND (a.pinned_version IS NULL OR number = a.pinned_version)
      ORDER BY number DESC LIMIT 1
    ) v ON true
    WHERE c.id = ANY(${[...clusterIds]}::uuid[])
    ORDER BY c.id, p.name COLLATE "C"`;
  const sets = new Map<string, DatedPolicySet & { readonly members: PolicySetMember[] }>();
  for (const row of rows) {
    const set = sets.get(row.clusterId) ?? emptySet(row);
    sets.set(row.clusterId, set);
    if (row.policyId !== null) set.members.push(toMember(row, row.policyId));
  }
  return [...sets.values()];
}

function emptySet(row: Row): DatedPolicySet & { readonly members: PolicySetMember[] } {
  const { clusterId, clusterName, at, generation, addServiceAccountVolume } = row;
  const admission = toAdmissionSettings(row);
  return { clusterId, clusterName, at, generation, addServiceAccountVolume, admission, members: [] };
}

function toMember(row: Row, policyId: string): PolicySetMember {
  const { policyName, versionId, version, digest, content } = row;
  return { ...toTerms(row), policyId, policyName, versionId, version, digest, content };
}
