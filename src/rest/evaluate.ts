import { z } from 'zod';
import type { EvaluationReport } from '../model/evaluation.js';
import { evaluateAgainst, MOST_POLICIES } from '../operations/evaluation/evaluate-against.js';
import { evaluateManifests } from '../operations/evaluation/evaluate-manifests.js';
import { evaluateOnce } from '../operations/evaluation/evaluate-once.js';
import {
  IN_BODY,
  LONGEST,
  readRequester,
  type RequesterPlace,
} from '../operations/evaluation/requester-input.js';
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

const IN_QUERY: RequesterPlace = { names: { ...IN_BODY.names, groups: 'group' }, before: '' };
const DEFAULT_NAMESPACE = 'default';

const fail = oneOf('With `denied` the status is 422 when anything was denied; the body is the same.', [
  'denied',
  'never',
]).exactOptional();

const evaluateQuery = z.strictObject({
  namespace: text('Namespace of objects that name none.', LONGEST.namespace).default(DEFAULT_NAMESPACE),
  user: text(
    'The requesting user; without it only the service account counts.',
    LONGEST.user,
  ).exactOptional(),
  group: z
    .array(text('Group of the requesting user besides `system:authenticated`.', LONGEST.groups))
    .default([]),
  serviceAccount: text(
    "Service account of the pods; else each pod's own, else `default`.",
    LONGEST.serviceAccount,
  ).exactOptional(),
  at: instant('Evaluate with the policies in force at this moment; implies `dryRun`.').exactOptional(),
  file: text('The name of the submitted file that reports show.', 1024).exactOptional(),
  dryRun: truth('Evaluate, record nothing.').default(false),
  fail,
});

const name = (longest: number) => z.string().min(1).max(longest);

const evaluateInput = z
  .strictObject({
    policies: z
      .array(kubernetesObject)
      .describe(`PodSecurityPolicies; ${MOST_POLICIES.toLocaleString('en')} at most.`),
    objects: z.array(kubernetesObject).describe('Pods, workloads, or Lists of them.'),
    namespace: name(LONGEST.namespace)
      .nullable()
      .default(null)
      .describe('Of objects that name none; none: `default`.'),
    user: name(LONGEST.user).nullable().default(null),
    groups: z.array(name(LONGEST.groups)).nullable().default(null),
    serviceAccount: name(LONGEST.serviceAccount).nullable().default(null),
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

/** Evaluation, recorded against a cluster's policies or not at all against given ones. */
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
        ...readRequester({ namespace, user, groups: group, serviceAccount }, IN_QUERY),
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
      const { policies, objects, subjects, ...given } = body;
      const { namespace, groups } = given;
      const requester = readRequester(
        { ...given, namespace: namespace ?? DEFAULT_NAMESPACE, groups: groups ?? [] },
        IN_BODY,
      );
      const report = await evaluateAgainst(context, { policies, objects, subjects, ...requester });
      return reportReply(statusOf(report, query.fail), report);
    },
  ),
];

function statusOf(report: EvaluationReport, failOn: 'denied' | 'never' | undefined): 200 | 422 {
  return failOn === 'denied' && !report.allowed ? 422 : 200;
}
