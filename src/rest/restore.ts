import { z } from 'zod';
import { restorePolicyVersion } from '../operations/policies/restore-policy-version.js';
import { jsonBody } from './body.js';
import { requests } from './documentation.js';
import { nameParameter } from './parameters.js';
import { etag, ETAG, policyAnswer, renderPolicy } from './policies.js';
import { expectedVersion, PRECONDITION_HEADERS } from './preconditions.js';
import { json } from './reply.js';
import { type Route, route } from './route.js';
import { versionNumber } from './schemas.js';

const restoreInput = z
  .strictObject({
    version: versionNumber.describe('The version whose content is wanted back.'),
    message: z.string().nullable().default(null).describe('Why.'),
  })
  .register(requests, { id: 'RestoreInput' });

/** Earlier versions brought back as new ones. */
export const restoreRoutes: readonly Route[] = [
  route(
    {
      id: 'restorePolicyVersion',
      method: 'post',
      path: '/v1/policies/{name}/restore',
      tag: 'Policies',
      summary: 'Bring the content of an earlier version back, as a new version',
      params: z.strictObject({ name: nameParameter('Name of the policy.', 'restricted') }),
      headers: PRECONDITION_HEADERS,
      body: jsonBody(restoreInput, { version: 1, message: 'Version 2 broke the nightly jobs' }),
      answers: {
        201: {
          description: 'The new version.',
          content: { 'application/json': policyAnswer },
          headers: ETAG,
        },
      },
      problems: ['NOT_FOUND', 'POLICY_ARCHIVED', 'STALE_VERSION'],
    },
    async ({ params: { name }, header, body: { version, message }, context }) => {
      const input = { policy: name, version, message, expectedVersion: expectedVersion(header) };
      const restored = await restorePolicyVersion(context, input);
      return json(201, renderPolicy(restored.policy, restored.version), etag(restored.version));
    },
  ),
];
