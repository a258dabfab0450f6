import { z } from 'zod';
import type { Cluster } from '../model/cluster.js';
import { getCluster } from '../operations/clusters/get-cluster.js';
import { listClusters } from '../operations/clusters/list-clusters.js';
import { saveCluster } from '../operations/clusters/save-cluster.js';
import { CLUSTER } from './answer-examples.js';
import { jsonBody } from './body.js';
import { admissionAnswer, admissionInput, renderAdmission } from './cluster-admission.js';
import { answers, requests } from './documentation.js';
import { pageSchema, renderPage } from './page.js';
import { nameParameter, pageParameters } from './parameters.js';
import { json } from './reply.js';
import { type Route, route } from './route.js';
import { instantAnswer } from './schemas.js';

const tag = 'Clusters';

/** The `{cluster}` of a path. */
export const clusterParameter = nameParameter('Name of the cluster.', 'prod-eu');

const params = z.strictObject({ cluster: clusterParameter });

const clusterInput = z
  .strictObject({
    displayName: z
      .string()
      .nullable()
      .exactOptional()
      .describe('The name to show to people; 200 characters at most.'),
    kubernetesVersion: z.string().nullable().exactOptional().describe('Such as `1.24`; information only.'),
    addServiceAccountVolume: z
      .boolean()
      .exactOptional()
      .describe(
        "Evaluate as if the API server's ServiceAccount plugin had added its projected token volume.",
      ),
    ...admissionInput,
    retention: z
      .int()
      .nullable()
      .exactOptional()
      .describe('Days for which decisions are kept, from 1; null: for ever.'),
  })
  .register(requests, { id: 'ClusterInput' });

const clusterAnswer = z
  .object({
    name: z.string(),
    displayName: z.string().nullable(),
    kubernetesVersion: z.string().nullable(),
    addServiceAccountVolume: z.boolean(),
    ...admissionAnswer,
    retention: z.int().nullable().describe('Days for which decisions are kept; null: for ever.'),
    createdAt: instantAnswer,
    updatedAt: instantAnswer,
  })
  .register(answers, { id: 'Cluster', examples: [CLUSTER] });

function renderCluster(cluster: Cluster): z.output<typeof clusterAnswer> {
  const { name, displayName, kubernetesVersion, addServiceAccountVolume, retention } = cluster;
  const { createdAt, updatedAt } = cluster;
  return {
    name,
    displayName,
    kubernetesVersion,
    addServiceAccountVolume,
    retention,
    ...renderAdmission(cluster),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

const answer = { content: { 'application/json': clusterAnswer } };

/** Clusters and their settings. */
export const clusterRoutes: readonly Route[] = [
  route(
    {
      id: 'saveCluster',
      method: 'put',
      path: '/v1/clusters/{cluster}',
      tag,
      summary: 'Create a cluster or change its settings',
      description: 'What is left out stays as it is, or takes its default in a new cluster.',
      params,
      body: jsonBody(
        clusterInput,
        { displayName: 'Production, Europe', kubernetesVersion: '1.24' },
        { optional: true },
      ),
      answers: { 200: { description: 'Changed.', ...answer }, 201: { description: 'Created.', ...answer } },
    },
    async ({ params: { cluster: name }, body, context }) => {
      const { cluster, created } = await saveCluster(context, { ...body, name });
      return json(created ? 201 : 200, renderCluster(cluster));
    },
  ),
  route(
    {
      id: 'listClusters',
      method: 'get',
      path: '/v1/clusters',
      tag,
      summary: 'List the clusters, newest first',
      query: z.strictObject(pageParameters),
      answers: {
        200: {
          description: 'A page.',
          content: { 'application/json': pageSchema('clusters', clusterAnswer) },
        },
      },
      problems: ['INVALID_CURSOR'],
    },
    async ({ query, context }) =>
      json(200, renderPage('clusters', await listClusters(context, query), renderCluster)),
  ),
  route(
    {
      id: 'getCluster',
      method: 'get',
      path: '/v1/clusters/{cluster}',
      tag,
      summary: 'Read a cluster',
      params,
      answers: { 200: { description: 'The cluster.', ...answer } },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { cluster }, context }) => json(200, renderCluster(await getCluster(context, cluster))),
  ),
];
