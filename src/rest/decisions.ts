import { z } from 'zod';
import type { Decision, DecisionFilter } from '../model/decision.js';
import { getDecision } from '../operations/decisions/get-decision.js';
import { listDecisions } from '../operations/decisions/list-decisions.js';
import { clusterParameter } from './clusters.js';
import { decisionAnswer, renderDecision } from './decision-answer.js';
import { DECISION_CODES } from './evaluation-answer.js';
import { pageSchema, renderPage } from './page.js';
import { instant, nameParameter, oneOf, pageParameters, text, truth, wholeNumber } from './parameters.js';
import { json } from './reply.js';
import { type Route, route } from './route.js';
import { LARGEST_VERSION } from './schemas.js';

const tag = 'Decisions';

/** The parameters that say which decisions are meant; those of the filter that are absent don't filter. */
const filterParameters = {
  allowed: truth('Admitted ones or denied ones.').exactOptional(),
  code: oneOf('Those with this code.', DECISION_CODES).exactOptional(),
  policy: text('Those admitted by this policy.').exactOptional(),
  version: wholeNumber(
    'Those admitted by this version; only together with `policy`.',
    1,
    LARGEST_VERSION,
  ).exactOptional(),
  control: text('Those denied in which some candidate was violated under this control.').exactOptional(),
  namespace: text('Those about objects of this namespace.').exactOptional(),
  kind: text('Those about objects of this kind.').exactOptional(),
  name: text('Those about objects of this name.').exactOptional(),
  source: oneOf('From where the evaluation was asked.', [
    'REST',
    'GRAPHQL',
    'CLI',
    'WEBHOOK',
  ]).exactOptional(),
  actor: text('Who asked for the evaluation.').exactOptional(),
  since: instant('Those at or after this moment.').exactOptional(),
  until: instant('Those before this moment.').exactOptional(),
};

const listQuery = z.strictObject({
  ...pageParameters,
  order: oneOf('Which end of the log comes first.', ['newest', 'oldest']).default('newest'),
  ...filterParameters,
});

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
      return json(200, renderPage<Decision>('decisions', page, renderDecision));
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
    async ({ params: { id }, context }) => json(200, renderDecision(await getDecision(context, id))),
  ),
];
