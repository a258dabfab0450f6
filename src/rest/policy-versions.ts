import { z } from 'zod';
import type { PolicyVersion } from '../model/policy.js';
import { getPolicyVersion } from '../operations/policies/get-policy.js';
import { listPolicyVersions } from '../operations/policies/list-policies.js';
import { policyYaml, readPolicyContent } from '../kubernetes/policy-manifest.js';
import { POLICY_VERSION } from './answer-examples.js';
import { answers } from './documentation.js';
import { pageSchema, renderPage } from './page.js';
import { nameParameter, pageParameters, wholeNumber } from './parameters.js';
import { json, text } from './reply.js';
import { type Route, route } from './route.js';
import { digestAnswer, instantAnswer, jsonObject, LARGEST_VERSION } from './schemas.js';

const tag = 'Policies';
const YAML = 'application/yaml';

/** One immutable version, as every answer shows it. */
export const versionAnswer = z
  .object({
    version: z.int().describe('1, 2, 3 … within the policy.'),
    digest: digestAnswer,
    message: z.string().nullable().describe('Why it was saved.'),
    author: z.string(),
    createdAt: instantAnswer,
    restoredFrom: z.int().nullable().describe('The version whose content a restore brought back.'),
    spec: jsonObject.describe('The `spec` of the PodSecurityPolicy.'),
  })
  .register(answers, { id: 'PolicyVersion', examples: [POLICY_VERSION] });

/** A version as it is answered. */
export function renderVersion(version: PolicyVersion): z.output<typeof versionAnswer> {
  const { number, digest, message, author, createdAt, restoredFrom, content } = version;
  return {
    version: number,
    digest,
    message,
    author,
    createdAt: createdAt.toISOString(),
    restoredFrom,
    spec: readPolicyContent(content).spec,
  };
}

const name = nameParameter('Name of the policy.', 'restricted');

/** The versions of a policy. */
export const policyVersionRoutes: readonly Route[] = [
  route(
    {
      id: 'listPolicyVersions',
      method: 'get',
      path: '/v1/policies/{name}/versions',
      tag,
      summary: 'List the versions of a policy, newest first',
      params: z.strictObject({ name }),
      query: z.strictObject(pageParameters),
      answers: {
        200: {
          description: 'A page.',
          content: { 'application/json': pageSchema('versions', versionAnswer) },
        },
      },
      problems: ['NOT_FOUND', 'INVALID_CURSOR'],
    },
    async ({ params: { name: policy }, query, context }) => {
      return json(
        200,
        renderPage('versions', await listPolicyVersions(context, { ...query, policy }), renderVersion),
      );
    },
  ),
  route(
    {
      id: 'getPolicyVersion',
      method: 'get',
      path: '/v1/policies/{name}/versions/{version}',
      tag,
      summary: 'Read one version of a policy',
      description:
        'With `Accept: application/yaml` the PodSecurityPolicy itself, as `kubectl apply` takes it.',
      params: z.strictObject({ name, version: wholeNumber('Number of the version.', 1, LARGEST_VERSION) }),
      answers: {
        200: { description: 'The version.', content: { 'application/json': versionAnswer, [YAML]: null } },
      },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { name: policy, version }, accepted, context }) => {
      const found = await getPolicyVersion(context, { policy, version });
      return accepted === YAML ? text(200, YAML, policyYaml(found.content)) : json(200, renderVersion(found));
    },
  ),
];
