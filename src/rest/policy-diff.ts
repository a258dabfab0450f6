import { z } from 'zod';
import { diffPolicyVersions } from '../operations/policies/diff-policy-versions.js';
import { answers, documentedAs } from './documentation.js';
import { nameParameter, text, wholeNumber } from './parameters.js';
import { json } from './reply.js';
import { type Route, route } from './route.js';
import { jsonObject } from './schemas.js';

const LARGEST_NUMBER = 2_147_483_647;

const value = z.unknown();
documentedAs.add(value, { description: 'As it is written in the policy; null: absent.' });

const changeAnswer = z
  .object({
    field: z.string().describe('As Kubernetes names it, such as `spec.hostPorts`.'),
    before: value,
    after: value,
    effect: z
      .enum(['TIGHTENS', 'LOOSENS', 'CHANGES', 'DEFAULTS'])
      .describe('`CHANGES`: tightens and loosens. `DEFAULTS`: only what is filled in differs.'),
    witness: jsonObject
      .optional()
      .describe('A small Pod that only the newer version admits, or with `TIGHTENS` only the older one.'),
    counterWitness: jsonObject
      .optional()
      .describe('With `CHANGES`: a Pod that only the older version admits.'),
  })
  .register(answers, { id: 'PolicyChange' });

const diffAnswer = z
  .object({
    from: z.int(),
    to: z.int(),
    verdict: z
      .enum(['EQUIVALENT', 'TIGHTENED', 'LOOSENED', 'MIXED'])
      .describe('Compares the sets of pods admitted and nothing else.'),
    changes: z
      .array(changeAnswer)
      .describe(
        'The fields that differ in meaning. Texts that differ without consequences are not among them.',
      ),
  })
  .register(answers, { id: 'PolicyDiff' });

/** What one version of a policy lets in and keeps out that another doesn't. */
export const policyDiffRoutes: readonly Route[] = [
  route(
    {
      id: 'diffPolicyVersions',
      method: 'get',
      path: '/v1/policies/{name}/diff',
      tag: 'Policies',
      summary: 'Compare two versions by the pods that they admit',
      description:
        'Ranges, paths, patterns, lists and defaults are compared by what they mean, not as texts. Each change that ' +
        'tightens or loosens comes with a pod that shows it.',
      params: z.strictObject({ name: nameParameter('Name of the policy.', 'restricted') }),
      query: z.strictObject({
        from: wholeNumber(
          'The older version. Default: the one before `to`; with `with` the latest.',
          1,
          LARGEST_NUMBER,
        ).exactOptional(),
        to: wholeNumber('The newer version. Default: the latest.', 1, LARGEST_NUMBER).exactOptional(),
        with: text('The policy that `to` is a version of. Default: the same policy.').exactOptional(),
      }),
      answers: { 200: { description: 'The difference.', content: { 'application/json': diffAnswer } } },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { name: policy }, query, context }) => {
      const { from = null, to = null, with: otherPolicy = null } = query;
      return json(200, await diffPolicyVersions(context, { policy, from, to, otherPolicy }));
    },
  ),
];
