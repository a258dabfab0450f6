import { z } from 'zod';
import type { Assignment } from '../model/assignment.js';
import { assignPolicy } from '../operations/assignments/assign-policy.js';
import { getAssignment } from '../operations/assignments/get-assignment.js';
import { listClusterAssignments } from '../operations/assignments/list-assignments.js';
import { unassignPolicy } from '../operations/assignments/unassign-policy.js';
import { ASSIGNMENT } from './answer-examples.js';
import { jsonBody } from './body.js';
import { clusterParameter } from './clusters.js';
import { answers, requests } from './documentation.js';
import { nameParameter } from './parameters.js';
import { policyWarnings, renderWarnings } from './policy-warnings.js';
import { json, NO_CONTENT } from './reply.js';
import { type Route, route } from './route.js';
import { instantAnswer, subject, subjectInput, versionNumber } from './schemas.js';

const tag = 'Assignments';
const path = '/v1/clusters/{cluster}/assignments/{policy}';
const params = z.strictObject({
  cluster: clusterParameter,
  policy: nameParameter('Name of the policy.', 'restricted'),
});

const assignmentInput = z
  .strictObject({
    version: versionNumber
      .nullable()
      .default(null)
      .describe('The version that may be used; null: always the latest.'),
    subjects: z
      .array(subjectInput)
      .nullable()
      .default(null)
      .describe('Who may use the policy; none: everybody.'),
    namespaces: z
      .array(z.string())
      .nullable()
      .default(null)
      .describe('Where it may be used; none: everywhere.'),
  })
  .register(requests, { id: 'AssignmentInput' });

const assignmentAnswer = z
  .object({
    id: z.string(),
    cluster: z.string(),
    policy: z.string(),
    version: z.int().nullable().describe('The version that may be used; null: always the latest.'),
    subjects: z.array(subject).nullable().describe('null: everybody.'),
    namespaces: z.array(z.string()).nullable().describe('null: everywhere.'),
    validFrom: instantAnswer,
    createdBy: z.string(),
  })
  .register(answers, { id: 'Assignment', examples: [ASSIGNMENT] });

function renderAssignment(assignment: Assignment): z.output<typeof assignmentAnswer> {
  const { id, clusterName, policyName, pinnedVersion, subjects, namespaces, validFrom, createdBy } =
    assignment;
  return {
    id,
    cluster: clusterName,
    policy: policyName,
    version: pinnedVersion,
    subjects: subjects === null ? null : [...subjects],
    namespaces: namespaces === null ? null : [...namespaces],
    validFrom: validFrom.toISOString(),
    createdBy,
  };
}

const savedAssignment = assignmentAnswer
  .extend({ warnings: policyWarnings })
  .register(answers, { id: 'SavedAssignment', examples: [{ ...ASSIGNMENT, warnings: [] }] });

const content = { 'application/json': savedAssignment };

/** Who may use which policy in a cluster. */
export const assignmentRoutes: readonly Route[] = [
  route(
    {
      id: 'assignPolicy',
      method: 'put',
      path,
      tag,
      summary: 'Say that a policy may be used in a cluster, by whom and where',
      description: 'Replaces what was said before. The same terms again change nothing.',
      params,
      body: jsonBody(
        assignmentInput,
        {
          version: null,
          subjects: [{ kind: 'Group', name: 'system:authenticated' }],
          namespaces: ['default'],
        },
        { optional: true },
      ),
      answers: {
        200: { description: 'The policy was assigned before; these are its terms now.', content },
        201: { description: 'Assigned.', content },
      },
      problems: ['NOT_FOUND', 'POLICY_ARCHIVED'],
    },
    async ({
      params: { cluster, policy },
      body: { version: pinnedVersion, subjects, namespaces },
      context,
    }) => {
      const input = { cluster, policy, pinnedVersion, subjects, namespaces };
      const { assignment, created, warnings } = await assignPolicy(context, input);
      const answer = { ...renderAssignment(assignment), warnings: renderWarnings(warnings) };
      return json(created ? 201 : 200, answer);
    },
  ),
  route(
    {
      id: 'getAssignment',
      method: 'get',
      path,
      tag,
      summary: 'Read the assignment of a policy in a cluster',
      params,
      answers: { 200: { description: 'The assignment.', content: { 'application/json': assignmentAnswer } } },
      problems: ['NOT_FOUND'],
    },
    async ({ params: names, context }) => json(200, renderAssignment(await getAssignment(context, names))),
  ),
  route(
    {
      id: 'unassignPolicy',
      method: 'delete',
      path,
      tag,
      summary: 'End the assignment of a policy in a cluster',
      params,
      answers: { 204: { description: 'It may not be used there any more.', content: {} } },
      problems: ['NOT_FOUND'],
    },
    async ({ params: names, context }) => {
      await unassignPolicy(context, names);
      return NO_CONTENT;
    },
  ),
  route(
    {
      id: 'listAssignments',
      method: 'get',
      path: '/v1/clusters/{cluster}/assignments',
      tag,
      summary: 'List the assignments in force in a cluster',
      description: "All of them, in byte order of the policies' names.",
      params: z.strictObject({ cluster: clusterParameter }),
      answers: {
        200: {
          description: 'The assignments.',
          content: { 'application/json': z.object({ assignments: z.array(assignmentAnswer) }) },
        },
      },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { cluster }, context }) => {
      const assignments = await listClusterAssignments(context, cluster);
      return json(200, { assignments: assignments.map(renderAssignment) });
    },
  ),
];
