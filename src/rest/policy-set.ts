import { z } from 'zod';
import type { PolicySetMember } from '../model/policy-set.js';
import { readPolicyContent } from '../kubernetes/policy-manifest.js';
import { getPolicySet } from '../operations/clusters/get-policy-set.js';
import { POLICY_SET } from './answer-examples.js';
import { admissionAnswer, renderAdmission } from './cluster-admission.js';
import { clusterParameter } from './clusters.js';
import { answers } from './documentation.js';
import { instant } from './parameters.js';
import { json } from './reply.js';
import { type Route, route } from './route.js';
import { digestAnswer, instantAnswer, jsonObject, subject } from './schemas.js';

const memberAnswer = z
  .object({
    name: z.string(),
    version: z.int(),
    digest: digestAnswer,
    pinnedVersion: z.int().nullable().describe('null: the assignment follows the latest version.'),
    subjects: z.array(subject).nullable().describe('null: everybody.'),
    namespaces: z.array(z.string()).nullable().describe('null: everywhere.'),
    spec: jsonObject.describe('The `spec` of the PodSecurityPolicy.'),
  })
  .register(answers, { id: 'PolicySetMember' });

const policySetAnswer = z
  .object({
    cluster: z.string(),
    at: instantAnswer,
    digest: digestAnswer.describe('Over names, contents, subjects and namespaces, not over version numbers.'),
    policies: z.array(memberAnswer).describe('In byte order of the names.'),
    admission: z
      .object(admissionAnswer)
      .nullable()
      .describe("How the cluster's API server was answered; null where the cluster was not known yet."),
  })
  .register(answers, { id: 'PolicySet', examples: [POLICY_SET] });

function renderMember(member: PolicySetMember): z.output<typeof memberAnswer> {
  const { policyName, version, digest, pinnedVersion, subjects, namespaces, content } = member;
  return {
    name: policyName,
    version,
    digest,
    pinnedVersion,
    subjects: subjects === null ? null : [...subjects],
    namespaces: namespaces === null ? null : [...namespaces],
    spec: readPolicyContent(content).spec,
  };
}

/** The policies in force in a cluster, now or at a moment. */
export const policySetRoutes: readonly Route[] = [
  route(
    {
      id: 'getPolicySet',
      method: 'get',
      path: '/v1/clusters/{cluster}/policy-set',
      tag: 'Clusters',
      summary: 'Read the policies in force in a cluster, now or at an earlier moment',
      params: z.strictObject({ cluster: clusterParameter }),
      query: z.strictObject({
        at: instant('The moment, not in the future; now where it is left out.').exactOptional(),
      }),
      answers: { 200: { description: 'The policies.', content: { 'application/json': policySetAnswer } } },
      problems: ['NOT_FOUND'],
    },
    async ({ params, query: { at = null }, context }) => {
      const set = await getPolicySet(context, { cluster: params.cluster, at });
      const answer: z.output<typeof policySetAnswer> = {
        cluster: set.cluster.name,
        at: set.at.toISOString(),
        digest: set.digest,
        policies: set.members.map(renderMember),
        admission: set.admission === null ? null : renderAdmission(set.admission),
      };
      return json(200, answer);
    },
  ),
];
