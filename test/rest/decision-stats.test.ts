import { expect, it } from 'vitest';
import { givenFilteredDecisions } from '../support/filtered-decisions.js';
import { contextOf } from '../support/operation-context.js';
import { testApp } from './app.js';

const { admin, services } = await testApp();
await givenFilteredDecisions(contextOf(services));
const STATS = '/v1/clusters/filtered/decisions/stats';
const DAY = { since: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00Z' };

it('counts decisions, and what ENFORCE would have refused', async () => {
  const { status, body } = await admin.get(STATS).query(DAY);
  expect(status).toBe(200);
  const warned = { namespace: 'team-a', kind: 'Pod', name: 'warned', denied: 1 };
  expect(body).toMatchObject({
    since: '2026-01-01T00:00:00.000Z',
    until: '2026-01-02T00:00:00.000Z',
    interval: 'DAY',
    admitted: 1,
    denied: 4,
    intervals: [{ startsAt: '2026-01-01T00:00:00.000Z', admitted: 1, denied: 4 }],
    policies: [{ policy: 'open', version: 1, admitted: 1 }],
    topDeniedWorkloads: expect.arrayContaining([warned]),
    wouldDeny: {
      denied: 2,
      intervals: [{ startsAt: '2026-01-01T00:00:00.000Z', denied: 2 }],
      namespaces: [{ namespace: 'team-a', denied: 2 }],
      topControls: [{ control: 'hostNetwork', denied: 1 }],
      topWorkloads: [{ ...warned, name: 'audited' }, warned],
    },
  });
});

it('counts what ENFORCE would have refused in one namespace, by the hour', async () => {
  const { body } = await admin
    .get(STATS)
    .query({ ...DAY, until: '2026-01-01T02:00:00Z', interval: 'HOUR', wouldDenyIn: 'team-a' });
  expect(body.wouldDeny.intervals.map(({ denied }: { denied: number }) => denied)).toEqual([2, 0]);
  const other = await admin.get(STATS).query({ ...DAY, wouldDenyIn: 'default' });
  expect(other.body).toMatchObject({ denied: 4, wouldDeny: { denied: 0, namespaces: [] } });
});

it.each([
  [{ interval: 'MONTH' }, 'interval'],
  [{ since: 'yesterday' }, 'since'],
  [{ namespace: 'team-a' }, 'namespace'],
  [{ ...DAY, until: DAY.since }, 'until'],
  [{ since: '2020-01-01T00:00:00Z', interval: 'HOUR' }, 'until'],
])('refuses %j', async (query, field) => {
  const response = await admin.get(STATS).query(query);
  expect(response.status, response.text).toBe(422);
  expect(response.body.errors).toMatchObject([{ field }]);
});
