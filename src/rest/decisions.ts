import { z } from 'zod';
import type { Decision, DecisionFilter } from '../model/decision.js';
import type { Page } from '../model/page.js';
import { textInTurns } from '../model/turns.js';
import { getDecision } from '../operations/decisions/get-decision.js';
import { listDecisions } from '../operations/decisions/list-decisions.js';
import { podSpecsOfDecisions } from '../operations/decisions/pod-specs-of-decisions.js';
import { clusterParameter } from './clusters.js';
import { decisionAnswer, renderDecision } from './decision-answer.js';
import { filterParameters } from './decision-filter.js';
import { pagePieces, pageSchema, renderPage } from './page.js';
import { nameParameter, oneOf, pageParameters } from './parameters.js';
import { json, stream } from './reply.js';
import { type Route, route } from './route.js';

const tag = 'Decisions';

const listQuery = z.strictObject({
  ...pageParameters,
  order: oneOf('Which end of the log comes first.', ['newest', 'oldest']).default('newest'),
  ...filterParameters,
});

/** Decisions, one by one and in pages. */
export const decisionRoutes: readonly Route[] = [
  route(
    {
      id: 'listDecisions',
      method: 'get',
      path: '/v1/clusters/{cluster}/decisions',
      tag,
      summary: 'List the decisions of a cluster',
      params: z.strictObject({ cluster: clusterParameter }),
      query: listQuery,
      answers: {
        200: {
          description: 'A page.',
          content: { 'application/json': pageSchema('decisions', decisionAnswer) },
        },
      },
      problems: ['NOT_FOUND', 'INVALID_CURSOR'],
    },
    async ({ params: { cluster }, query: { first, after, order, ...query }, context }) => {
      const filter: DecisionFilter = query;
      const page = await listDecisions(context, { cluster, filter, order, first, after });
      const podSpecOf = await podSpecsOfDecisions(
        context,
        page.edges.map(({ node }) => node),
      );
      const render = (decision: Decision) => renderDecision(decision, podSpecOf);
      if (countSaid(page) <= LITTLE_SAID) return json(200, renderPage('decisions', page, render));
      return stream(200, 'application/json', textInTurns(pagePieces('decisions', page, render)));
    },
  ),
  route(
    {
      id: 'getDecision',
      method: 'get',
      path: '/v1/decisions/{id}',
      tag,
      summary: 'Read one decision',
      params: z.strictObject({
        id: nameParameter('Id of the decision.', '019300aa-7f3e-7c1b-9d53-5f5d0a0d7c11'),
      }),
      answers: {
        200: { description: 'The decision, whole.', content: { 'application/json': decisionAnswer } },
      },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { id }, context }) => {
      const decision = await getDecision(context, id);
      return json(200, renderDecision(decision, await podSpecsOfDecisions(context, [decision])));
    },
  ),
];

/** Pages with more candidates and violations than this are written bit by bit. */
const LITTLE_SAID = 2_000;

/** How many candidates and violations a page has: what its length comes from. */
function countSaid({ edges }: Page<Decision>): number {
  let count = 0;
  for (const { node } of edges) {
    for (const { violations } of node.candidates) count += 1 + violations.length;
  }
  return count;
}
