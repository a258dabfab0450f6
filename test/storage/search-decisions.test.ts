import { beforeAll, describe, expect, test } from 'vitest';
import type { Prisma } from '../../src/generated/prisma/client.js';
import type { Cluster } from '../../src/model/cluster.js';
import type { Decision, DecisionFilter, DecisionOrder, NewDecision } from '../../src/model/decision.js';
import { readDecisionStats } from '../../src/storage/decision-stats.js';
import type { Database } from '../../src/storage/database.js';
import { foldDecisions } from '../../src/storage/fold-decisions.js';
import { pageDecisions, positionAfter } from '../../src/storage/search-decisions.js';
import { inTransaction, readOnly, type Tx } from '../../src/storage/transaction.js';
import { testDatabase } from '../support/database.js';
import { appendTo, givenCluster, givenPolicyVersion, newDecision } from '../support/records.js';

const COUNT = 3_000;
const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

let database: Database;
let cluster: Cluster;
let all: readonly Decision[];

const pick = <T>(values: readonly T[], index: number): T => values[index % values.length] as T;

/** A log of several segments in which everything that is filtered by varies, some of it rarely. */
function given(index: number, versions: readonly { id: string; number: number }[]): NewDecision {
  const allowed = index % 3 === 0;
  const version = pick(versions, index);
  const control = index % 997 === 1 ? 'hostPID' : pick(['hostNetwork', 'runAsUser'] as const, index);
  return newDecision(cluster, {
    decidedAt: new Date(START + index * MINUTE),
    allowed,
    code: allowed ? 'ADMITTED' : pick(['NO_POLICY_SATISFIED', 'NO_POLICY_USABLE'] as const, index),
    policyVersionId: allowed ? version.id : null,
    policyName: allowed ? 'searched' : null,
    policyVersion: allowed ? version.number : null,
    source: pick(['REST', 'GRAPHQL', 'CLI'] as const, index >> 4),
    actor: index > 2_500 ? 'late' : pick(['ann', 'bob'], index >> 3),
    object: {
      apiVersion: 'v1',
      kind: pick(['Pod', 'Deployment'], index >> 2),
      namespace: index < 20 ? 'early' : pick(['shop', 'default'], index >> 1),
      name: `pod-${index % 500}`,
      podPath: '',
    },
    candidates: [
      {
        policy: 'searched',
        version: version.number,
        outcome: allowed ? 'ADMITTED' : 'REJECTED',
        mutates: false,
        violations: allowed
          ? []
          : [{ control, type: 'Invalid', field: 'f', container: null, value: true, message: 'm' }],
      },
    ],
  });
}

beforeAll(async () => {
  database = await testDatabase();
  cluster = await givenCluster(database);
  const versions = [
    await givenPolicyVersion(database, 'searched'),
    await givenPolicyVersion(database, 'searched'),
  ];
  const made = Array.from({ length: COUNT }, (_, index) =>
    given(
      index,
      versions.map(({ version }) => version),
    ),
  );
  // Two thirds are folded, in two parts; the rest is only in the log.
  await appendTo(database, cluster, ...made.slice(0, 900));
  await inTransaction(database, (tx) => foldDecisions(tx, cluster.id));
  await appendTo(database, cluster, ...made.slice(900, 2_100));
  await inTransaction(database, (tx) => foldDecisions(tx, cluster.id));
  await appendTo(database, cluster, ...made.slice(2_100));
  all = await page({}, 'oldest', COUNT);
});

/** Everything that the filter gives, page by page. */
async function page(
  filter: DecisionFilter,
  order: DecisionOrder,
  first: number,
): Promise<readonly Decision[]> {
  const found: Decision[] = [];
  for (let after: string | null = null; ; ) {
    const next = await pageDecisions(readOnly(database), cluster.id, filter, order, { first, after });
    found.push(...next.edges.map(({ node }) => node));
    if (!next.hasNextPage) return found;
    after = next.endCursor;
  }
}

function matches(decision: Decision, filter: DecisionFilter): boolean {
  const { object } = decision;
  const controls = new Set<string>(
    decision.candidates.flatMap(({ violations }) => violations.map(({ control }) => control)),
  );
  const of = { ...decision, ...object, policy: decision.policyName, version: decision.policyVersion };
  return Object.entries(filter).every(([key, value]) => {
    if (key === 'control') return controls.has(String(value));
    if (key === 'since') return decision.decidedAt >= (value as Date);
    if (key === 'until') return decision.decidedAt < (value as Date);
    return of[key as keyof typeof of] === value;
  });
}

describe('searching a log of which a part is folded', () => {
  test.each<[string, DecisionFilter]>([
    ['everything', {}],
    ['a verdict', { allowed: true }],
    ['a code', { code: 'NO_POLICY_USABLE' }],
    ['a rare control', { control: 'hostPID' }],
    ['a frequent control', { control: 'hostNetwork' }],
    ['a control that never was', { control: 'seccomp' }],
    ['a policy', { policy: 'searched' }],
    ['a version', { policy: 'searched', version: 2 }],
    ['a version that never was', { policy: 'searched', version: 9 }],
    ['a name', { name: 'pod-7' }],
    ['a namespace of the beginning', { namespace: 'early' }],
    ['an actor of the end', { actor: 'late' }],
    ['several at once', { kind: 'Pod', source: 'CLI', actor: 'ann', allowed: false, namespace: 'shop' }],
    ['two that never meet', { namespace: 'early', actor: 'late' }],
    ['a time', { since: new Date(START + 1_000 * MINUTE), until: new Date(START + 1_100 * MINUTE) }],
    ['a time and a control', { since: new Date(START + 2_000 * MINUTE), control: 'hostPID' }],
  ])('finds what a look at every decision finds: %s', async (_, filter) => {
    expect(all).toHaveLength(COUNT);
    const expected = all.filter((decision) => matches(decision, filter)).map(({ sequence }) => sequence);
    const oldest = await page(filter, 'oldest', 100);
    expect(oldest.map(({ sequence }) => sequence)).toEqual(expected);
    const newest = await page(filter, 'newest', 90);
    expect(newest.map(({ sequence }) => sequence)).toEqual(expected.toReversed());
  });

  test('reads only the segments that a rare term is in', async () => {
    const { rows } = await database.pool.query(
      `SELECT count(*)::int AS count FROM decision_terms WHERE cluster_id = $1 AND term = decision_term('namespace', 'early')`,
      [cluster.id],
    );
    expect(rows).toEqual([{ count: 1 }]);
  });
});

describe('counting a log of which a part is folded', () => {
  const day = (number: number) => new Date(START + number * 24 * 60 * MINUTE);

  test.each([
    ['days', 'DAY', day(0), day(3)],
    ['one day', 'DAY', day(1), day(2)],
    [
      'hours across the end of what is folded',
      'HOUR',
      new Date(START + 34 * 60 * MINUTE),
      new Date(START + 36 * 60 * MINUTE),
    ],
    ['a time without decisions', 'DAY', day(10), day(11)],
  ] as const)('gives what counting every decision gives: %s', async (_, interval, since, until) => {
    const wanted = all.filter(({ decidedAt }) => decidedAt >= since && decidedAt < until);
    const stats = await readDecisionStats(readOnly(database), cluster.id, interval, since, until);
    const denied = wanted.filter(({ allowed }) => !allowed);
    expect(stats).toMatchObject({ admitted: wanted.length - denied.length, denied: denied.length });
    const length = (interval === 'DAY' ? 24 : 1) * 60 * MINUTE;
    for (const { startsAt, ...counts } of stats.intervals) {
      const within = wanted.filter(
        ({ decidedAt }) => Math.floor(decidedAt.getTime() / length) * length === startsAt.getTime(),
      );
      const admitted = within.filter(({ allowed }) => allowed).length;
      expect(counts).toEqual({ admitted, denied: within.length - admitted });
    }
    const count = <T>(items: readonly T[], key: (item: T) => string) =>
      items.reduce(
        (counts, item) => counts.set(key(item), (counts.get(key(item)) ?? 0) + 1),
        new Map<string, number>(),
      );
    const controls = count(denied, (decision) => decision.candidates[0]?.violations[0]?.control ?? '');
    expect(new Map(stats.topControls.map((each) => [each.control, each.denied]))).toEqual(controls);
    const versions = count(
      wanted.filter(({ allowed }) => allowed),
      ({ policyVersion }) => String(policyVersion),
    );
    expect(new Map(stats.policies.map((each) => [String(each.version), each.admitted]))).toEqual(versions);
    const workloads = [
      ...count(denied, ({ object }) => `${object.namespace}/${object.kind}/${object.name}`).values(),
    ];
    expect(stats.topDeniedWorkloads.map((each) => each.denied)).toEqual(
      workloads.sort((a, b) => b - a).slice(0, 20),
    );
  });
});

describe('a log that has just grown, of which PostgreSQL has no statistics', () => {
  /** Remembers the queries for decisions. */
  function noting(queries: Prisma.Sql[]): Tx {
    const tx = readOnly(database);
    return new Proxy(tx, {
      get(target, name) {
        if (name !== '$queryRaw') return Reflect.get(target, name);
        return (query: Prisma.Sql, ...values: readonly unknown[]) => {
          if ('values' in query) queries.push(query);
          return target.$queryRaw(query, ...values);
        };
      },
    });
  }

  /** How many decisions a query reads from the log to find those that it gives. */
  async function readBy({ text, values }: Prisma.Sql): Promise<number> {
    const { rows } = await database.pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>({
      text: `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    });
    return rows.reduce((sum, row) => sum + readIn(row['QUERY PLAN'][0].Plan), 0);
  }

  test.each<[string, DecisionFilter, DecisionOrder, number | null]>([
    ['the newest', {}, 'newest', null],
    ['the oldest', {}, 'oldest', null],
    ['those before one', {}, 'newest', 2_900],
    ['those after one', {}, 'oldest', 100],
    ['those with a filter that are not folded yet', { allowed: false }, 'newest', null],
  ])('gives %s without reading all', async (_, filter, order, position) => {
    const queries: Prisma.Sql[] = [];
    const after = position === null ? null : positionAfter(cluster.id, filter, order, BigInt(position));
    await pageDecisions(noting(queries), cluster.id, filter, order, { first: 2, after });
    expect(queries).toHaveLength(1);
    for (const query of queries) expect(await readBy(query)).toBeLessThan(20);
  });
});

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

function readIn(node: PlanNode): number {
  const isLog = node['Relation Name']?.startsWith('decisions') === true;
  const own = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
  return (node.Plans ?? []).reduce((sum, inner) => sum + readIn(inner), isLog ? own : 0);
}
