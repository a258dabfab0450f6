import { z } from 'zod';
import type { WebhookSecret } from '../model/webhook-secret.js';
import {
  createWebhookSecret,
  listWebhookSecrets,
  revokeWebhookSecret,
} from '../operations/admission/webhook-secrets.js';
import { clusterParameter } from './clusters.js';
import { answers } from './documentation.js';
import { nameParameter } from './parameters.js';
import { json, NO_CONTENT } from './reply.js';
import { type Route, route } from './route.js';
import { idAnswer, instantAnswer } from './schemas.js';

const tag = 'Webhook';

const secretAnswer = z
  .object({
    id: idAnswer,
    createdBy: z.string(),
    createdAt: instantAnswer,
    revokedAt: instantAnswer.nullable(),
  })
  .register(answers, { id: 'WebhookSecret' });

const newSecretAnswer = secretAnswer
  .extend({
    secret: z.string().describe("Stands in the path of the cluster's webhook, after `~`. Shown this once."),
  })
  .register(answers, { id: 'NewWebhookSecret' });

function renderSecret({ id, createdBy, createdAt, revokedAt }: WebhookSecret): z.output<typeof secretAnswer> {
  return {
    id,
    createdBy,
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

const params = z.strictObject({ cluster: clusterParameter });

/** The secrets with which a cluster's API server calls the webhook. */
export const webhookSecretRoutes: readonly Route[] = [
  route(
    {
      id: 'createWebhookSecret',
      method: 'post',
      path: '/v1/clusters/{cluster}/webhook-secrets',
      tag,
      summary: "Make a secret for the path of the cluster's admission webhook",
      params,
      answers: {
        201: {
          description: 'The secret, shown this once.',
          content: { 'application/json': newSecretAnswer },
        },
      },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { cluster }, context }) => {
      const { webhookSecret, secret } = await createWebhookSecret(context, cluster);
      return json(201, { ...renderSecret(webhookSecret), secret });
    },
  ),
  route(
    {
      id: 'listWebhookSecrets',
      method: 'get',
      path: '/v1/clusters/{cluster}/webhook-secrets',
      tag,
      summary: "List the secrets of the cluster's webhook, newest first, without what is secret",
      params,
      answers: {
        200: {
          description: 'All of them.',
          content: { 'application/json': z.object({ webhookSecrets: z.array(secretAnswer) }) },
        },
      },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { cluster }, context }) => {
      const secrets = await listWebhookSecrets(context, cluster);
      return json(200, { webhookSecrets: secrets.map(renderSecret) });
    },
  ),
  route(
    {
      id: 'revokeWebhookSecret',
      method: 'delete',
      path: '/v1/clusters/{cluster}/webhook-secrets/{id}',
      tag,
      summary: "Revoke a secret of the cluster's webhook, at once and for good",
      params: z.strictObject({
        cluster: clusterParameter,
        id: nameParameter('Id of the secret.', '019300aa-7f3e-7c1b-9d53-5f5d0a0d7c11'),
      }),
      answers: { 204: { description: 'It is good for nothing any more.', content: {} } },
      problems: ['NOT_FOUND'],
    },
    async ({ params: input, context }) => {
      await revokeWebhookSecret(context, input);
      return NO_CONTENT;
    },
  ),
];
