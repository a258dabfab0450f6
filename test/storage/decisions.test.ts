import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/model/cluster.js';
import type { DecisionFilter, NewDecision } from '../../src/model/decision.js';
import { updateCluster } from '../../src/storage/clusters.js';
import type { Database } from '../../src/storage/database.js';
import { findDecision } from '../../src/storage/decisions.js';
import { pageDecisions } from '../../src/storage/search-decisions.js';
import { findPodContent } from '../../src/storage/pod-specs.js';
import { inTransaction, readOnly } from '../../src/storage/transaction.js';
import { testDatabase } from '../support/database.js';
import { appendTo, givenCluster, givenPolicyVersion, newDecision } from '../support/records.js';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

const append = (cluster: Cluster, ...decisions: NewDecision[]) => appendTo(database, cluster, ...decisions);

describe('appending decisions', () => {
  test('numbers the decisions of each cluster from 1 without gaps, also under concurrent appends', async () => {
    const [cluster, other] = [await givenCluster(database), await givenCluster(database)];
    const appends = Array.from({ length: 30 }, (_, index) =>
      append(cluster, ...Array.from({ length: (index % 3) + 1 }, () => newDecision(cluster))),
    );
    await Promise.all([...appends, append(other, newDecision(other))]);
    const { rows } = await database.pool.query(
      'SELECT count(*)::int, min(sequence)::int, max(sequence)::int FROM decisions WHERE cluster_id = $1',
      [cluster.id],
    );
    expect(rows).toEqual([{ count: 60, min: 1, max: 60 }]);
    expect(await append(other, newDecision(other))).toEqual({ recorded: true, lastSequence: 2n });
  });

  test('gives back what was appended, integers beyond 2^53 exact and shared violations in each candidate', async () => {
    const cluster = await givenCluster(database);
    const { policy, version } = await givenPolicyVersion(database, 'exact');
    const violation = {
      control: 'runAsUser',
      type: 'Invalid',
      field: 'spec.containers[0].securityContext.runAsUser',
      container: 'main',
      value: 9_007_199_254_740_993n,
      message: 'must be in the ranges: [{1 2}]',
    } as const;
    const candidate = { policy: 'exact', version: 1, outcome: 'REJECTED', mutates: false } as const;
    const decision = newDecision(cluster, {
      policyVersionId: version.id,
      policyName: policy.name,
      policyVersion: 1,
      candidates: [
        { ...candidate, violations: [violation] },
        { ...candidate, policy: 'other', violations: [violation, { ...violation, container: 'side' }] },
      ],
      patch: [{ op: 'add', path: '/spec/securityContext', value: { z: 1, a: -9_223_372_036_854_775_808n } }],
      warnings: ['unknown field "spec.hostname2"'],
      requester: { user: 'alice', groups: ['dev'], serviceAccount: null, namespace: 'default' },
    });
    await append(cluster, decision);
    const { podContent, ...kept } = decision;
    const found = await findDecision(readOnly(database), decision.id);
    expect(found).toEqual({
      ...kept,
      sequence: 1n,
      clusterName: cluster.name,
      recordedAt: expect.any(Date),
    });
    expect(await findPodContent(readOnly(database), decision.podDigest)).toBe(podContent);
    const { rows } = await database.pool.query('SELECT controls FROM decisions WHERE id = $1', [decision.id]);
    expect(rows).toEqual([{ controls: ['runAsUser'] }]);
  });

  test('records nothing where the generation has moved', async () => {
    const cluster = await givenCluster(database);
    const moved = await inTransaction(database, (tx) =>
      updateCluster(tx, cluster.id, { ...cluster, displayName: 'new' }, 'test'),
    );
    expect(moved.generation).toBe(cluster.generation + 1n);
    const result = await append(
      cluster,
      newDecision(cluster, { podContent: '{}', podDigest: 'sha256:unused' }),
    );
    expect(result).toEqual({ recorded: false, reason: 'GENERATION_MOVED' });
    expect(await findPodContent(readOnly(database), 'sha256:unused')).toBeNull();
    expect(await append(moved, newDecision(moved))).toEqual({ recorded: true, lastSequence: 1n });
  });

  test('waits for a change that is under way, and then records nothing with the old generation', async () => {
    const cluster = await givenCluster(database);
    let appending: ReturnType<typeof append> | undefined;
    await inTransaction(database, async (tx) => {
      await updateCluster(tx, cluster.id, { ...cluster, displayName: 'new' }, 'test');
      appending = append(cluster, newDecision(cluster));
      const first = await Promise.race([appending, new Promise((done) => setTimeout(done, 200, 'waits'))]);
      expect(first).toBe('waits');
    });
    expect(await appending).toEqual({ recorded: false, reason: 'GENERATION_MOVED' });
  });

  test('stores texts with NUL and broken surrogates instead of failing', async () => {
    const cluster = await givenCluster(database);
    const decision = newDecision(cluster, {
      object: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'a\0b\ud800', podPath: '' },
      requester: { user: 'x\0', groups: ['\udc00'], serviceAccount: null, namespace: 'default' },
      warnings: ['nul \0 here'],
      reason: 'because "\\" of {\0}',
    });
    await append(cluster, decision);
    const found = await findDecision(readOnly(database), decision.id);
    expect(found?.object.name).toBe('a\uFFFDb\uFFFD');
    expect(found?.requester.user).toBe('x\uFFFD');
    expect(found?.warnings).toEqual(['nul \0 here']);
  });

  test('puts a decision of this month into the partition of the month, one of long ago into the default one', async () => {
    const cluster = await givenCluster(database);
    const old = newDecision(cluster, { id: uuidv7({ msecs: Date.UTC(2020, 0, 1) }) });
    const now = newDecision(cluster);
    await append(cluster, old, now);
    const { rows } = await database.pool.query(
      'SELECT tableoid::regclass::text AS partition FROM decisions WHERE cluster_id = $1 ORDER BY sequence',
      [cluster.id],
    );
    const month = new Date().toISOString().slice(0, 7).replace('-', '_');
    expect(rows).toEqual([{ partition: 'decisions_default' }, { partition: `decisions_${month}` }]);
  });
});

describe('paging decisions', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await givenCluster(database);
    const { version } = await givenPolicyVersion(database, 'paged');
    const object = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web', podPath: '' };
    await append(
      cluster,
      newDecision(cluster, { decidedAt: new Date('2026-01-01T00:00:00Z'), actor: 'ann' }),
      newDecision(cluster, {
        decidedAt: new Date('2026-01-02T00:00:00Z'),
        allowed: true,
        code: 'ADMITTED',
        policyVersionId: version.id,
      }),
      newDecision(cluster, {
        decidedAt: new Date('2026-01-03T00:00:00Z'),
        code: 'NO_POLICY_SATISFIED',
        source: 'GRAPHQL',
        object: { ...object, kind: 'Deployment', namespace: 'shop', name: 'cart' },
        candidates: [
          {
            policy: 'paged',
            version: 1,
            outcome: 'REJECTED',
            mutates: false,
            violations: [
              {
                control: 'hostNetwork',
                type: 'Invalid',
                field: 'f',
                container: null,
                value: true,
                message: 'm',
              },
            ],
          },
        ],
      }),
    );
  });

  const sequences = async (filter: DecisionFilter, order: 'newest' | 'oldest' = 'oldest') => {
    const page = await pageDecisions(readOnly(database), cluster.id, filter, order, {
      first: 10,
      after: null,
    });
    return page.edges.map(({ node }) => Number(node.sequence));
  };

  test.each<[string, DecisionFilter, number[]]>([
    ['no filter', {}, [1, 2, 3]],
    ['allowed', { allowed: true }, [2]],
    ['code', { code: 'NO_POLICY_SATISFIED' }, [3]],
    ['policy', { policy: 'paged' }, [2]],
    ['policy and version', { policy: 'paged', version: 2 }, []],
    ['control', { control: 'hostNetwork' }, [3]],
    ['namespace', { namespace: 'shop' }, [3]],
    ['kind', { kind: 'Pod' }, [1, 2]],
    ['name', { name: 'cart' }, [3]],
    ['source', { source: 'GRAPHQL' }, [3]],
    ['actor', { actor: 'ann' }, [1]],
    ['since, inclusive', { since: new Date('2026-01-02T00:00:00Z') }, [2, 3]],
    ['until, exclusive', { until: new Date('2026-01-02T00:00:00Z') }, [1]],
    ['a name with NUL', { name: '\0' }, []],
  ])('filters by %s', async (_, filter, expected) => {
    expect(await sequences(filter)).toEqual(expected);
  });

  test('gives the newest first where asked for', async () => {
    expect(await sequences({}, 'newest')).toEqual([3, 2, 1]);
  });

  test('goes on after a cursor while decisions arrive, and refuses the cursor of another filter or order', async () => {
    const own = await givenCluster(database);
    const tx = readOnly(database);
    await append(own, newDecision(own), newDecision(own), newDecision(own));
    const first = await pageDecisions(tx, own.id, {}, 'newest', { first: 2, after: null });
    expect(first.hasNextPage).toBe(true);
    await append(own, newDecision(own));
    const second = await pageDecisions(tx, own.id, {}, 'newest', { first: 2, after: first.endCursor });
    expect(second.edges.map(({ node }) => node.sequence)).toEqual([1n]);
    expect(second.hasNextPage).toBe(false);
    const misuse = [
      pageDecisions(tx, own.id, { kind: 'Pod' }, 'newest', { first: 2, after: first.endCursor }),
      pageDecisions(tx, own.id, {}, 'oldest', { first: 2, after: first.endCursor }),
      pageDecisions(tx, cluster.id, {}, 'newest', { first: 2, after: first.endCursor }),
    ];
    for (const page of misuse) await expect(page).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
  });
});
