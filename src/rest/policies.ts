import { z } from 'zod';
import { policyYaml } from '../kubernetes/policy-manifest.js';
import type { Policy, PolicyVersion } from '../model/policy.js';
import { archivePolicy, unarchivePolicy } from '../operations/policies/archive-policy.js';
import { getPolicy } from '../operations/policies/get-policy.js';
import { listPolicies } from '../operations/policies/list-policies.js';
import { LONGEST_POLICY } from '../operations/policies/read-manifest.js';
import { savePolicy } from '../operations/policies/save-policy.js';
import { POLICY, POLICY_SUMMARY } from './answer-examples.js';
import { manifestBody, textOf } from './body.js';
import { answers } from './documentation.js';
import { RESTRICTED_POLICY } from './examples.js';
import {
  expectedVersion,
  isKnownVersion,
  KNOWN_VERSION_HEADER,
  PRECONDITION_HEADERS,
} from './preconditions.js';
import { pageSchema, renderPage } from './page.js';
import { nameParameter, pageParameters, text as textParameter, truth } from './parameters.js';
import { renderVersion, versionAnswer } from './policy-versions.js';
import { policyWarnings, renderWarnings } from './policy-warnings.js';
import { json, notModified, text } from './reply.js';
import { type Route, route } from './route.js';
import { instantAnswer } from './schemas.js';

const tag = 'Policies';
const YAML = 'application/yaml';

const params = z.strictObject({ name: nameParameter('Name of the policy.', 'restricted') });

const policySummary = z
  .object({
    name: z.string(),
    kind: z.literal('PodSecurityPolicy'),
    version: z.int().describe('Number of the latest version.'),
    archivedAt: instantAnswer.nullable(),
    createdAt: instantAnswer.describe('When the first version was saved.'),
  })
  .register(answers, { id: 'PolicySummary', examples: [POLICY_SUMMARY] });

/** A policy with its latest version. */
export const policyAnswer = versionAnswer
  .extend({
    name: z.string(),
    kind: z.literal('PodSecurityPolicy'),
    archivedAt: instantAnswer.nullable(),
  })
  .register(answers, { id: 'Policy', examples: [POLICY] });

const savedPolicy = policyAnswer
  .extend({
    warnings: policyWarnings,
  })
  .register(answers, { id: 'SavedPolicy' });

function renderSummary({
  name,
  kind,
  latestVersion,
  archivedAt,
  createdAt,
}: Policy): z.output<typeof policySummary> {
  return {
    name,
    kind,
    version: latestVersion,
    archivedAt: archivedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}

/** A policy with its latest version, in one object. */
export function renderPolicy(policy: Policy, latest: PolicyVersion): z.output<typeof policyAnswer> {
  const { name, kind, archivedAt } = policy;
  return { name, kind, archivedAt: archivedAt?.toISOString() ?? null, ...renderVersion(latest) };
}

/** The headers that name the version of a policy. */
export function etag(version: PolicyVersion): { readonly ETag: string } {
  return { ETag: `"${version.number}"` };
}

/** What the OpenAPI document says of the header. */
export const ETAG = { ETag: 'The number of the version, in quotes; for `If-Match`.' };

/** Policies: saved, read, listed, archived. */
export const policyRoutes: readonly Route[] = [
  route(
    {
      id: 'savePolicy',
      method: 'put',
      path: '/v1/policies/{name}',
      tag,
      summary: 'Save a policy',
      description:
        'Creates the policy as version 1 or, where its content has changed, adds the next version. The same content ' +
        'again changes nothing.',
      params,
      query: z.strictObject({ message: textParameter('Why it was changed.', 10_000).exactOptional() }),
      headers: PRECONDITION_HEADERS,
      body: manifestBody(
        'One PodSecurityPolicy, `policy/v1beta1` or `extensions/v1beta1`, whose `metadata.name` is the name in the path. ' +
          `It may have ${LONGEST_POLICY / 1024} Ki characters.`,
        RESTRICTED_POLICY,
      ),
      answers: {
        200: {
          description: 'A new version, or the latest one where nothing changed.',
          content: { 'application/json': savedPolicy },
          headers: ETAG,
        },
        201: { description: 'Version 1.', content: { 'application/json': savedPolicy }, headers: ETAG },
      },
      problems: ['MALFORMED', 'POLICY_ARCHIVED', 'STALE_VERSION'],
    },
    async ({ params: { name }, query, header, body, context }) => {
      const { policy, version, outcome, warnings } = await savePolicy(context, {
        name,
        text: textOf(body),
        format: body.format,
        message: query.message ?? null,
        expectedVersion: expectedVersion(header),
      });
      const answer = { ...renderPolicy(policy, version), warnings: renderWarnings(warnings) };
      return json(outcome === 'CREATED' ? 201 : 200, answer, etag(version));
    },
  ),
  route(
    {
      id: 'listPolicies',
      method: 'get',
      path: '/v1/policies',
      tag,
      summary: 'List the policies, newest first',
      query: z.strictObject({
        ...pageParameters,
        includeArchived: truth('Whether archived policies are listed too.').exactOptional(),
      }),
      answers: {
        200: {
          description: 'A page.',
          content: { 'application/json': pageSchema('policies', policySummary) },
        },
      },
      problems: ['INVALID_CURSOR'],
    },
    async ({ query, context }) =>
      json(200, renderPage('policies', await listPolicies(context, query), renderSummary)),
  ),
  route(
    {
      id: 'getPolicy',
      method: 'get',
      path: '/v1/policies/{name}',
      tag,
      summary: 'Read the latest version of a policy',
      description:
        'With `Accept: application/yaml` the PodSecurityPolicy itself, as `kubectl apply` takes it.',
      params,
      headers: KNOWN_VERSION_HEADER,
      answers: {
        200: {
          description: 'The policy.',
          content: { 'application/json': policyAnswer, [YAML]: null },
          headers: ETAG,
        },
        304: { description: 'It is as the client knows it.', content: {}, headers: ETAG },
      },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { name }, accepted, header, context }) => {
      const { policy, latest } = await getPolicy(context, name);
      // An archived policy takes no versions, so that it needs no tag; and it isn't as it was before, nor as it will be.
      const tag = policy.archivedAt === null ? etag(latest) : {};
      if (policy.archivedAt === null && isKnownVersion(latest.number, header)) return notModified(tag);
      return accepted === YAML
        ? text(200, YAML, policyYaml(latest.content), tag)
        : json(200, renderPolicy(policy, latest), tag);
    },
  ),
  archiving(
    'archive',
    'Archive a policy',
    'It takes no new versions and assignments, and stays in force where it is assigned.',
    archivePolicy,
  ),
  archiving(
    'unarchive',
    'Take a policy out of the archive',
    'It takes new versions and assignments again.',
    unarchivePolicy,
  ),
];

function archiving(
  verb: 'archive' | 'unarchive',
  summary: string,
  description: string,
  operation: typeof archivePolicy,
): Route {
  return route(
    {
      id: `${verb}Policy`,
      method: 'post',
      path: `/v1/policies/{name}/${verb}`,
      tag,
      summary,
      description,
      params,
      answers: { 200: { description: 'The policy.', content: { 'application/json': policySummary } } },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { name }, context }) => json(200, renderSummary(await operation(context, name))),
  );
}
