import { z } from 'zod';
import { parseStrictJson } from '../kubernetes/canonical-json.js';
import { isObject } from '../kubernetes/json-value.js';
import type { Decision } from '../model/decision.js';
import type { PodSpec, PodSpecRevision } from '../model/pod-spec.js';
import type { OperationContext } from '../operations/context.js';
import { lastDecisionsOf } from '../operations/decisions/list-decisions.js';
import { getPodSpec, listPodSpecRevisions, listPodSpecs } from '../operations/pod-specs/read-pod-specs.js';
import { savePodSpec } from '../operations/pod-specs/save-pod-spec.js';
import { POD_SPEC } from './answer-examples.js';
import { manifestBody } from './body.js';
import { clusterParameter } from './clusters.js';
import { answers } from './documentation.js';
import { decisionCode } from './evaluation-answer.js';
import { DEPLOYMENT } from './examples.js';
import { pageSchema, renderPage } from './page.js';
import { nameParameter, pageParameters } from './parameters.js';
import { json } from './reply.js';
import { type Route, route } from './route.js';
import { digestAnswer, idAnswer, instantAnswer, jsonObject } from './schemas.js';

const tag = 'Pod specs';
const path = '/v1/clusters/{cluster}/pod-specs/{namespace}/{kind}/{name}';
const params = z.strictObject({
  cluster: clusterParameter,
  namespace: nameParameter('Namespace of the workload.', 'default'),
  kind: nameParameter('Kind of the workload.', 'Deployment'),
  name: nameParameter('Name of the workload.', 'web'),
});

const lastDecision = z
  .object({ id: idAnswer, decidedAt: instantAnswer, allowed: z.boolean(), code: decisionCode })
  .register(answers, { id: 'LastDecision' });

const podSpecSummary = z
  .object({
    id: z.string(),
    cluster: z.string(),
    namespace: z.string(),
    kind: z.string(),
    name: z.string(),
    revision: z.int().describe('Number of the newest revision.'),
    createdAt: instantAnswer,
    lastDecision: lastDecision
      .nullable()
      .describe('The last verdict on the workload; null before the first.'),
  })
  .register(answers, { id: 'PodSpecSummary', examples: [POD_SPEC] });

const revisionAnswer = z
  .object({
    revision: z.int().describe('1, 2, 3 … within the pod spec.'),
    digest: digestAnswer,
    author: z.string(),
    createdAt: instantAnswer,
    object: jsonObject.describe('The workload; values that may be secret are masked.'),
  })
  .register(answers, { id: 'PodSpecRevision' });

const savedPodSpec = podSpecSummary
  .extend({
    digest: digestAnswer,
    object: jsonObject.describe('The newest revision; values that may be secret are masked.'),
    warnings: z.array(z.string()),
  })
  .register(answers, { id: 'SavedPodSpec' });

const podSpecAnswer = podSpecSummary
  .extend({ digest: digestAnswer, object: jsonObject })
  .extend(pageSchema('revisions', revisionAnswer).shape)
  .register(answers, { id: 'PodSpec' });

function renderSummary(podSpec: PodSpec, last: Decision | undefined): z.output<typeof podSpecSummary> {
  const { id, clusterName, namespace, kind, name, latestRevision, createdAt } = podSpec;
  return {
    id,
    cluster: clusterName,
    namespace,
    kind,
    name,
    revision: latestRevision,
    createdAt: createdAt.toISOString(),
    lastDecision: last === undefined ? null : renderVerdict(last),
  };
}

function renderVerdict({ id, decidedAt, allowed, code }: Decision): z.output<typeof lastDecision> {
  return { id, decidedAt: decidedAt.toISOString(), allowed, code };
}

async function summaryOf(
  context: OperationContext,
  podSpec: PodSpec,
): Promise<z.output<typeof podSpecSummary>> {
  return renderSummary(podSpec, (await lastDecisionsOf(context, [podSpec])).get(podSpec.id));
}

function renderRevision(revision: PodSpecRevision): z.output<typeof revisionAnswer> {
  const { number, digest, author, createdAt, content } = revision;
  return { revision: number, digest, author, createdAt: createdAt.toISOString(), object: objectOf(content) };
}

function objectOf(content: string): object {
  const value = parseStrictJson(content);
  if (!isObject(value)) throw new SyntaxError('the content of a pod spec is an object');
  return value;
}

/** Stored workloads and their revisions. */
export const podSpecRoutes: readonly Route[] = [
  route(
    {
      id: 'savePodSpec',
      method: 'put',
      path,
      tag,
      summary: 'Store a workload or pod',
      description: 'Changed content becomes the next revision; the same content again changes nothing.',
      params,
      body: manifestBody('One workload or pod, of the namespace, kind and name in the path.', DEPLOYMENT),
      answers: {
        200: {
          description: 'A new revision, or the latest one.',
          content: { 'application/json': savedPodSpec },
        },
        201: { description: 'The first revision.', content: { 'application/json': savedPodSpec } },
      },
      problems: ['MALFORMED', 'NOT_FOUND'],
    },
    async ({ params: { cluster, ...expected }, body, context }) => {
      const { namespace } = expected;
      const input = { cluster, text: body.bytes, format: body.format, namespace, expected };
      const { podSpec, revision, outcome, warnings } = await savePodSpec(context, input);
      const { digest, content } = revision;
      const answer = { ...(await summaryOf(context, podSpec)), digest, object: objectOf(content), warnings };
      return json(outcome === 'CREATED' ? 201 : 200, answer);
    },
  ),
  route(
    {
      id: 'getPodSpec',
      method: 'get',
      path,
      tag,
      summary: 'Read a stored workload with its revisions, newest first',
      params,
      query: z.strictObject(pageParameters),
      answers: { 200: { description: 'The workload.', content: { 'application/json': podSpecAnswer } } },
      problems: ['NOT_FOUND', 'INVALID_CURSOR'],
    },
    async ({ params: names, query, context }) => {
      const { podSpec, latest } = await getPodSpec(context, names);
      const revisions = await listPodSpecRevisions(context, { ...names, ...query });
      const { digest, content } = latest;
      const page = renderPage('revisions', revisions, renderRevision);
      const summary = await summaryOf(context, podSpec);
      return json(200, { ...summary, digest, object: objectOf(content), ...page });
    },
  ),
  route(
    {
      id: 'listPodSpecs',
      method: 'get',
      path: '/v1/clusters/{cluster}/pod-specs',
      tag,
      summary: 'List the stored workloads of a cluster, newest first',
      params: z.strictObject({ cluster: clusterParameter }),
      query: z.strictObject(pageParameters),
      answers: {
        200: {
          description: 'A page.',
          content: { 'application/json': pageSchema('podSpecs', podSpecSummary) },
        },
      },
      problems: ['NOT_FOUND', 'INVALID_CURSOR'],
    },
    async ({ params: { cluster }, query, context }) => {
      const page = await listPodSpecs(context, { ...query, cluster });
      const last = await lastDecisionsOf(
        context,
        page.edges.map(({ node }) => node),
      );
      return json(
        200,
        renderPage('podSpecs', page, (podSpec) => renderSummary(podSpec, last.get(podSpec.id))),
      );
    },
  ),
];
