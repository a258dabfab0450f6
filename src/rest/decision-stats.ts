import { z } from 'zod';
import type { DecisionStats, WouldDenyStats } from '../model/decision-stats.js';
import { decisionStats, wouldDenyStats } from '../operations/decisions/decision-stats.js';
import { clusterParameter } from './clusters.js';
import { answers } from './documentation.js';
import { instant, oneOf, text } from './parameters.js';
import { json } from './reply.js';
import { type Route, route } from './route.js';
import { instantAnswer } from './schemas.js';

const pods = z.int().min(0);
const denied = pods.describe('How many pods.');
const topControls = z.array(z.object({ control: z.string(), denied }));
const topWorkloads = z.array(z.object({ namespace: z.string(), kind: z.string(), name: z.string(), denied }));

const statsAnswer = z
  .object({
    since: instantAnswer.describe('Where the first interval begins.'),
    until: instantAnswer.describe('Where the last interval ends.'),
    interval: z.enum(['HOUR', 'DAY']),
    admitted: pods,
    denied: pods.describe('Also those that were let through because of the mode.'),
    intervals: z.array(z.object({ startsAt: instantAnswer, admitted: pods, denied: pods })),
    topControls,
    topDeniedWorkloads: topWorkloads,
    policies: z.array(z.object({ policy: z.string(), version: z.int(), admitted: pods })),
    wouldDeny: z
      .object({
        denied,
        intervals: z.array(z.object({ startsAt: instantAnswer, denied })),
        namespaces: z.array(z.object({ namespace: z.string(), denied })),
        topControls,
        topWorkloads,
      })
      .describe('What ENFORCE would have refused of what was let through because of the mode.'),
  })
  .register(answers, { id: 'DecisionStats' });

function renderStats(stats: DecisionStats, wouldDeny: WouldDenyStats): z.output<typeof statsAnswer> {
  const { since, until, interval, admitted, denied, topControls, topDeniedWorkloads, policies } = stats;
  return {
    since: since.toISOString(),
    until: until.toISOString(),
    interval,
    admitted,
    denied,
    intervals: stats.intervals.map(written),
    topControls: [...topControls],
    topDeniedWorkloads: [...topDeniedWorkloads],
    policies: [...policies],
    wouldDeny: {
      denied: wouldDeny.denied,
      intervals: wouldDeny.intervals.map(written),
      namespaces: [...wouldDeny.namespaces],
      topControls: [...wouldDeny.topControls],
      topWorkloads: [...wouldDeny.topWorkloads],
    },
  };
}

function written<T extends { readonly startsAt: Date }>(interval: T) {
  return { ...interval, startsAt: interval.startsAt.toISOString() };
}

/** A cluster's decisions, counted. */
export const decisionStatsRoutes: readonly Route[] = [
  route(
    {
      id: 'getDecisionStats',
      method: 'get',
      path: '/v1/clusters/{cluster}/decisions/stats',
      tag: 'Decisions',
      summary: 'Count the decisions of a cluster by hour or day',
      description:
        'From counts that are kept with the log. The time is widened to whole intervals, 1,000 at most.',
      params: z.strictObject({ cluster: clusterParameter }),
      query: z.strictObject({
        since: instant('Since when; a week before `until` where it is left out.').exactOptional(),
        until: instant('Until when; now where it is left out.').exactOptional(),
        interval: oneOf('How long an interval is, which begins where an hour or a day begins in UTC.', [
          'HOUR',
          'DAY',
        ]).default('DAY'),
        wouldDenyIn: text(
          'The namespace that `wouldDeny` is about; all where it is left out.',
        ).exactOptional(),
      }),
      answers: {
        200: { description: 'The numbers.', content: { 'application/json': statsAnswer } },
      },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { cluster }, query, context }) => {
      const { since = null, until = null, interval, wouldDenyIn: namespace = null } = query;
      const input = { cluster, since, until, interval };
      const [stats, wouldDeny] = await Promise.all([
        decisionStats(context, input),
        wouldDenyStats(context, { ...input, namespace }),
      ]);
      return json(200, renderStats(stats, wouldDeny));
    },
  ),
];
