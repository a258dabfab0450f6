import { z } from 'zod';
import { groupsOf } from '../model/assignment.js';
import { invalid } from '../model/errors.js';
import type { EvaluationReport } from '../model/evaluation.js';
import { evaluateAgainst, MOST_POLICIES } from '../operations/evaluation/evaluate-against.js';
import { evaluateManifests } from '../operations/evaluation/evaluate-manifests.js';
import { evaluateOnce } from '../operations/evaluation/evaluate-once.js';
import { jsonBody, manifestBody } from './body.js';
import { clusterParameter } from './clusters.js';
import { requests } from './documentation.js';
import { reportAnswer, reportReply } from './evaluation-answer.js';
import { evaluationReply, REPORT_CONTENT } from './evaluation-formats.js';
import { DEPLOYMENT, RESTRICTED_POLICY } from './examples.js';
import { IDEMPOTENCY_HEADER, repeatable, REPEATED } from './idempotency.js';
import { instant, oneOf, text, truth } from './parameters.js';
import { type Answer, type Route, route } from './route.js';
import { kubernetesObject, subjectInput } from './schemas.js';

const tag = 'Evaluation';
const DEFAULT_NAMESPACE = 'default';

const fail = oneOf('With `denied` the status is 422 when anything was denied; the body is the same.', [
  'denied',
  'never',
]).exactOptional();

const evaluateQuery = z.strictObject({
  namespace: text('Namespace of objects that name none.', 63).default(DEFAULT_NAMESPACE),
  user: text('The requesting user; without it only the service account counts.').exactOptional(),
  group: z.array(text('Group of the requesting user besides `system:authenticated`.')).default([]),
  serviceAccount: text(
    "Service account of the pods; else each pod's own, else `default`.",
    253,
  ).exactOptional(),
  at: instant('Evaluate with the policies in force at this moment; implies `dryRun`.').exactOptional(),
  file: text('The name of the submitted file that reports show.', 1024).exactOptional(),
  dryRun: truth('Evaluate, record nothing.').default(false),
  fail,
});

const evaluateInput = z
  .strictObject({
    policies: z
      .array(kubernetesObject)
      .describe(`PodSecurityPolicies; ${MOST_POLICIES.toLocaleString('en')} at most.`),
    objects: z.array(kubernetesObject).describe('Pods, workloads, or Lists of them.'),
    namespace: z.string().min(1).default(DEFAULT_NAMESPACE),
    user: z.string().min(1).nullable().default(null),
    groups: z.array(z.string().min(1)).default([]),
    serviceAccount: z.string().min(1).nullable().default(null),
    subjects: z
      .array(subjectInput)
      .nullable()
      .default(null)
      .describe('Who may use the policies; none: everybody.'),
  })
  .register(requests, { id: 'EvaluateInput' });

/** The answers of an evaluation in these media types. */
function evaluatedAs(content: Answer['content']): Readonly<Record<number, Answer>> {
  return {
    200: { description: 'Evaluated, admitted or not.', content },
    422: {
      description: 'Something was denied (only with `fail=denied`), or the request is not valid.',
      content,
    },
  };
}

export const evaluateRoutes: readonly Route[] = [
  route(
    {
      id: 'evaluate',
      method: 'post',
      path: '/v1/clusters/{cluster}/evaluate',
      tag,
      summary: "Evaluate manifests against a cluster's policies and record a decision for each pod",
      description:
        'Pods and everything with a pod template are evaluated, other kinds skipped. One invalid document fails the ' +
        'whole request, and nothing is recorded then.',
      params: z.strictObject({ cluster: clusterParameter }),
      query: evaluateQuery,
      headers: IDEMPOTENCY_HEADER,
      body: manifestBody(
        'Kubernetes objects: several YAML documents, or a JSON object, `List` or array.',
        DEPLOYMENT,
      ),
      answers: evaluatedAs(REPORT_CONTENT),
      problems: ['MALFORMED', 'NOT_FOUND', 'CONFLICT', 'IDEMPOTENCY_KEY_REUSED'],
    },
    async ({ params: { cluster }, query, header, body, accepted, context, writeReport }) => {
      const { namespace, user = null, group, serviceAccount = null, at = null, dryRun } = query;
      const input = {
        cluster,
        body: body.bytes,
        format: body.format,
        namespace,
        user,
        groups: groupsFor(user, group, 'group'),
        serviceAccount,
        at,
        dryRun,
      };
      const request = repeatable(header, `/v1/clusters/${cluster}/evaluate`, query, body);
      const { report, isRepeated } =
        request === null
          ? { report: await evaluateManifests(context, input), isRepeated: false }
          : await evaluateOnce(context, request, input);
      const evaluated = { report, body, file: query.file };
      const headers = isRepeated ? REPEATED : {};
      return evaluationReply(statusOf(report, query.fail), accepted, evaluated, headers, writeReport);
    },
  ),
  route(
    {
      id: 'evaluateInline',
      method: 'post',
      path: '/v1/evaluate',
      tag,
      summary: 'Evaluate objects against policies given in the same request, recording nothing',
      query: z.strictObject({ fail }),
      body: jsonBody(
        evaluateInput,
        { policies: [RESTRICTED_POLICY.json], objects: [DEPLOYMENT.json] },
        { largest: Number.POSITIVE_INFINITY },
      ),
      answers: evaluatedAs({ 'application/json': reportAnswer }),
      problems: ['MALFORMED'],
    },
    async ({ query, body, context }) => {
      const { policies, objects, namespace, user, serviceAccount, subjects } = body;
      const groups = groupsFor(user, body.groups, 'groups');
      const input = { policies, objects, namespace, user, groups, serviceAccount, subjects };
      const report = await evaluateAgainst(context, input);
      return reportReply(statusOf(report, query.fail), report);
    },
  ),
];

/** The user's groups as an API server would see them. Groups of nobody are refused: they would change nothing. */
function groupsFor(user: string | null, groups: readonly string[], field: string): readonly string[] {
  if (user !== null) return groupsOf(user, groups);
  if (groups.length === 0) return [];
  const message = `${field} has a meaning only together with user`;
  throw invalid(message, [{ message, pointer: field === 'group' ? field : `/${field}`, field }]);
}

function statusOf(report: EvaluationReport, failOn: 'denied' | 'never' | undefined): 200 | 422 {
  return failOn === 'denied' && !report.allowed ? 422 : 200;
}
