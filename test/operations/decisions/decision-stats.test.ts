import { beforeAll, describe, expect, test } from 'vitest';
import { decisionStats, wouldDenyStats } from '../../../src/operations/decisions/decision-stats.js';
import { foldLogs } from '../../../src/operations/decisions/keep-log.js';
import { foldDecisions } from '../../../src/storage/fold-decisions.js';
import { inTransaction } from '../../../src/storage/transaction.js';
import { testDatabase } from '../../support/database.js';
import { givenFilteredDecisions } from '../../support/filtered-decisions.js';
import { contextOf, testServices } from '../../support/operation-context.js';
import { appendTo, newDecision } from '../../support/records.js';

const database = await testDatabase();
const services = testServices(database);
const context = contextOf(services);
const DAY = {
  cluster: 'filtered',
  since: new Date('2026-01-01T00:00:00Z'),
  until: new Date('2026-01-02T00:00:00Z'),
  interval: 'DAY',
} as const;

beforeAll(() => givenFilteredDecisions(context));

const wouldDeny = (namespace: string | null = null) => wouldDenyStats(context, { ...DAY, namespace });

async function folded(): Promise<object> {
  const { rows } = await database.pool.query(
    `SELECT f.folded_sequence AS folded, f.would_deny_sequence AS counted FROM decision_folds f
     JOIN clusters c ON c.id = f.cluster_id WHERE c.name = 'filtered'`,
  );
  return rows[0];
}

/** What the table of the filter calls `wouldDeny`: `warned` for its control, and `audited`. */
const ALL = {
  denied: 2,
  intervals: [{ startsAt: DAY.since, denied: 2 }],
  namespaces: [{ namespace: 'team-a', denied: 2 }],
  topControls: [{ control: 'hostNetwork', denied: 1 }],
  topWorkloads: [
    { namespace: 'team-a', kind: 'Pod', name: 'audited', denied: 1 },
    { namespace: 'team-a', kind: 'Pod', name: 'warned', denied: 1 },
  ],
};

// Each step goes on from the one before it.
describe('what ENFORCE would have refused is counted', () => {
  test('from the moment on in which it is recorded', async () => {
    expect(await wouldDeny()).toEqual(ALL);
  });

  test('from the log where another program has folded that does not count it, and then by the next fold', async () => {
    const { rows } = await database.pool.query(`SELECT id FROM clusters WHERE name = 'filtered'`);
    await inTransaction(database, (tx) => foldDecisions(tx, rows[0].id));
    expect(await folded()).toEqual({ folded: '6', counted: '0' });
    expect(await wouldDeny()).toEqual(ALL);
    await foldLogs(services);
    expect(await folded()).toEqual({ folded: '6', counted: '6' });
    expect(await wouldDeny()).toEqual(ALL);
  });

  test('in each namespace and hour, what is folded and what is not together', async () => {
    const { rows } = await database.pool.query(`SELECT id, generation FROM clusters WHERE name = 'filtered'`);
    const admission = { phase: 'VALIDATE', mode: 'WARN', offline: false, mutateDecisionId: null } as const;
    for (const [namespace, minute] of [
      ['team-a', 30],
      ['team-b', 30],
      ['team-b', 90],
    ] as const) {
      const { object, ...fresh } = newDecision(rows[0], {
        decidedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
        source: 'WEBHOOK',
        admission,
      });
      await appendTo(database, rows[0], { ...fresh, object: { ...object, namespace } });
    }
    for (const step of ['unfolded', 'folded']) {
      expect(await wouldDeny(), step).toMatchObject({
        denied: 5,
        namespaces: [
          { namespace: 'team-a', denied: 3 },
          { namespace: 'team-b', denied: 2 },
        ],
      });
      const hourly = { ...DAY, interval: 'HOUR', until: new Date('2026-01-01T03:00:00Z') } as const;
      const teamB = await wouldDenyStats(context, { ...hourly, namespace: 'team-b' });
      expect(
        teamB.intervals.map(({ denied }) => denied),
        step,
      ).toEqual([1, 1, 0]);
      expect(teamB.topWorkloads).toEqual([{ namespace: 'team-b', kind: 'Pod', name: 'web', denied: 2 }]);
      expect((await wouldDeny('team-c')).denied).toBe(0);
      await foldLogs(services);
    }
  });

  test('beside the denied ones, which it is among', async () => {
    // denied, ci, warned and audited of the table, and the three above: warned-again is warned's creation.
    expect(await decisionStats(context, DAY)).toMatchObject({ cluster: 'filtered', admitted: 1, denied: 7 });
  });
});
