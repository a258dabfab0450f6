import { v7 as uuidv7 } from 'uuid';
import { type Cluster, DEFAULT_CLUSTER_SETTINGS } from '../src/model/cluster.js';
import type { DecisionCandidate, NewDecision } from '../src/model/decision.js';
import { contentDigest } from '../src/model/policy-set.js';
import { appendDecisions } from '../src/storage/append-decisions.js';
import { findClusterByName, insertCluster } from '../src/storage/clusters.js';
import type { Database } from '../src/storage/database.js';
import { foldDecisions } from '../src/storage/fold-decisions.js';
import { readLogEnd } from '../src/storage/log-reader.js';
import { inTransaction, readOnly } from '../src/storage/transaction.js';

/** Milliseconds of a day. */
export const DAY = 86_400_000;
/** The days over which the decisions are spread, from today on: their partitions are made, as they would have been. */
export const DAYS = 30;

/** A cluster with its log. */
export interface History {
  readonly database: Database;
  readonly cluster: Cluster;
  readonly count: number;
  /** When the first decision was made: the beginning of a day. */
  readonly start: Date;
}

const NAME = 'bench';
const PER_COMMIT = 1_000;
/** Appends under way at a time: while one is written the next is put together. */
const APPENDS = 2;
const FOLD_EVERY = 100_000;

/**
 * Fills the log of one cluster with so many typical denials by the log's own append, in the order of their times, and
 * brings them into the tables with which it is searched. Goes on where an earlier run has ended.
 */
export async function fillHistory(
  database: Database,
  count: number,
  tell: (done: number) => void,
): Promise<History> {
  const tx = readOnly(database);
  const cluster = (await findClusterByName(tx, NAME)) ?? (await makeCluster(database));
  const start = new Date(Math.floor(cluster.createdAt.getTime() / DAY) * DAY);
  let next = Number((await readLogEnd(database, cluster.id)).sequence);
  let folding = Promise.resolve();
  const work = async () => {
    while (next < count) {
      const first = next;
      next = Math.min(count, first + PER_COMMIT);
      const decisions = Array.from({ length: next - first }, (_, index) =>
        denial(cluster, first + index, start.getTime() + Math.floor(((first + index) / count) * DAYS * DAY)),
      );
      await appendDecisions(database.pool, [
        { clusterId: cluster.id, generation: cluster.generation, decisions },
      ]);
      if (first % FOLD_EVERY === 0) {
        tell(first);
        await folding;
        folding = fold(database, cluster);
      }
    }
  };
  await Promise.all(Array.from({ length: APPENDS }, work));
  await folding;
  await fold(database, cluster);
  await database.pool.query('VACUUM ANALYZE');
  return { database, cluster, count, start };
}

function makeCluster(database: Database): Promise<Cluster> {
  return inTransaction(database, (tx) =>
    insertCluster(tx, { ...DEFAULT_CLUSTER_SETTINGS, name: NAME }, 'bench'),
  );
}

async function fold(database: Database, cluster: Cluster): Promise<void> {
  while (await inTransaction(database, (tx) => foldDecisions(tx, cluster.id)));
}

const PODS = Array.from({ length: 200 }, (_, index) => {
  const content = `{"kind":"Pod","metadata":{"name":"web-${index}"}}`;
  return [content, contentDigest(content)] as const;
});
const SET_DIGEST = contentDigest('set');
const CONTROLS = ['hostNetwork', 'runAsUser', 'allowedCapabilities', 'volumes', 'privileged'] as const;

/** A typical denial: three candidates, of which each rejects the pod for two or three reasons that they share. */
function denial(cluster: Cluster, index: number, millis: number): NewDecision {
  const decidedAt = new Date(millis);
  const [podContent = '', podDigest = ''] = PODS[index % PODS.length] ?? [];
  const violations = [0, 1, 2].map((offset) => violation(index + offset, index));
  const candidates = ['baseline', 'restricted', 'web-only'].map(
    (policy, place): DecisionCandidate => ({
      policy,
      version: 1 + (index % 3),
      outcome: 'REJECTED',
      mutates: place > 0,
      violations: violations.slice(0, place + 1),
    }),
  );
  return {
    id: uuidv7({ msecs: decidedAt.getTime() }),
    clusterId: cluster.id,
    decidedAt,
    source: 'REST',
    operation: 'CREATE',
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: `team-${index % 20}`,
      name: `web-${index % 200}`,
      podPath: '',
    },
    podDigest,
    podContent,
    allowed: false,
    code: 'NO_POLICY_SATISFIED',
    policyVersionId: null,
    policyName: null,
    policyVersion: null,
    reason: 'No policy that may be used admits the pod: baseline, restricted and web-only reject it.',
    candidates,
    patch: [],
    warnings: [],
    actor: 'token:ci',
    requester: {
      user: 'ci',
      groups: ['system:authenticated'],
      serviceAccount: 'default',
      namespace: `team-${index % 20}`,
    },
    policySetDigest: SET_DIGEST,
    generation: cluster.generation,
    engineVersion: '1.0.0',
    durationMicros: 20 + (index % 30),
    admission: null,
  };
}

function violation(kind: number, index: number): DecisionCandidate['violations'][number] {
  const container = `main-${index % 4}`;
  return {
    // One in fifty speaks of a control that is else unheard of.
    control: kind % 50 === 7 ? 'hostPID' : (CONTROLS[kind % CONTROLS.length] ?? 'hostIPC'),
    type: 'Invalid',
    field: `spec.containers[${index % 4}].securityContext.runAsUser`,
    container,
    value: index % 7,
    message: 'must be in the ranges: [{1000 65535}]',
  };
}
