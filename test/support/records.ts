import { v7 as uuidv7 } from 'uuid';
import { type Cluster, DEFAULT_CLUSTER_SETTINGS } from '../../src/model/cluster.js';
import type { NewDecision } from '../../src/model/decision.js';
import type { Policy, PolicyVersion } from '../../src/model/policy.js';
import { contentDigest } from '../../src/model/policy-set.js';
import { type AppendResult, appendDecisions } from '../../src/storage/append-decisions.js';
import { insertCluster } from '../../src/storage/clusters.js';
import type { Database } from '../../src/storage/database.js';
import { insertPolicy, insertPolicyVersion, lockPolicy } from '../../src/storage/policies.js';
import { inTransaction } from '../../src/storage/transaction.js';

/** A cluster in the database, with nothing in it. */
export function givenCluster(database: Database, name = `cluster-${uuidv7()}`): Promise<Cluster> {
  const settings = { name, ...DEFAULT_CLUSTER_SETTINGS };
  return inTransaction(database, (tx) => insertCluster(tx, settings, 'test'));
}

/** The next version of a policy in the database, which is created where it isn't there. */
export function givenPolicyVersion(
  database: Database,
  name: string,
  content = `{"n":"${uuidv7()}"}`,
): Promise<{ policy: Policy; version: PolicyVersion }> {
  return inTransaction(database, async (tx) => {
    const policy =
      (await lockPolicy(tx, name)) ?? (await insertPolicy(tx, { name, kind: 'PodSecurityPolicy' }));
    const version = await insertPolicyVersion(tx, {
      policyId: policy.id,
      number: policy.latestVersion + 1,
      digest: contentDigest(content),
      content,
      source: content,
      sourceFormat: 'json',
      message: null,
      author: 'test',
      restoredFrom: null,
    });
    return { policy: { ...policy, latestVersion: version.number }, version };
  });
}

/** A decision about a pod, admitted by no policy, to be varied. */
export function newDecision(cluster: Cluster, changed: Partial<NewDecision> = {}): NewDecision {
  const podContent = '{"kind":"Pod"}';
  return {
    id: uuidv7(),
    clusterId: cluster.id,
    decidedAt: new Date(),
    source: 'REST',
    operation: 'CREATE',
    object: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web', podPath: '' },
    podDigest: contentDigest(podContent),
    podContent,
    allowed: false,
    code: 'NO_POLICY_ASSIGNED',
    policyVersionId: null,
    policyName: null,
    policyVersion: null,
    reason: 'the cluster has no policy',
    candidates: [],
    patch: [],
    warnings: [],
    actor: 'admin',
    requester: { user: null, groups: [], serviceAccount: 'default', namespace: 'default' },
    policySetDigest: contentDigest(''),
    generation: cluster.generation,
    engineVersion: '1',
    durationMicros: 12,
    admission: null,
    ...changed,
  };
}

/** Appends decisions of one request, as the decision log does with those of many. */
export async function appendTo(
  database: Database,
  cluster: Pick<Cluster, 'id' | 'generation'>,
  ...decisions: readonly NewDecision[]
): Promise<AppendResult> {
  const { id: clusterId, generation } = cluster;
  const [result] = await appendDecisions(database.pool, [{ clusterId, generation, decisions }]);
  if (result === undefined) throw new Error('a request has a result');
  return result;
}
