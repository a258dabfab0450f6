import { z } from 'zod';
import { ROLES } from '../model/principal.js';
import type { Token } from '../model/token.js';
import { createToken, MOST_CLUSTERS, listTokens, revokeToken } from '../operations/access/tokens.js';
import { TOKEN } from './answer-examples.js';
import { jsonBody } from './body.js';
import { answers, requests } from './documentation.js';
import { pageSchema, renderPage } from './page.js';
import { nameParameter, pageParameters, writtenInstant } from './parameters.js';
import { json, NO_CONTENT } from './reply.js';
import { type Route, route } from './route.js';
import { idAnswer, instantAnswer } from './schemas.js';

const tag = 'Tokens';

const role = z.enum(ROLES);

const tokenInput = z
  .strictObject({
    name: z.string().describe('What people know it by, unique among the tokens in use.'),
    role,
    clusters: z
      .array(z.string())
      .nullable()
      .default(null)
      .describe(
        `Clusters outside which nothing exists for it, ${MOST_CLUSTERS.toLocaleString('en')} at most; null: all.`,
      ),
    expiresAt: writtenInstant('2027-03-01T12:00:00Z').nullable().default(null),
  })
  .register(requests, { id: 'TokenInput' });

const tokenAnswer = z
  .object({
    id: idAnswer,
    name: z.string(),
    role,
    clusters: z.array(z.string()).nullable(),
    createdBy: z.string(),
    createdAt: instantAnswer,
    expiresAt: instantAnswer.nullable(),
    lastUsedAt: instantAnswer.nullable(),
    revokedAt: instantAnswer.nullable(),
  })
  .register(answers, { id: 'Token', examples: [TOKEN] });

const newTokenAnswer = tokenAnswer
  .extend({ token: z.string().describe('What the client sends as bearer token. Shown this once.') })
  .register(answers, { id: 'NewToken' });

function renderToken(token: Token): z.output<typeof tokenAnswer> {
  const { id, name, role, clusters, createdBy, createdAt, expiresAt, lastUsedAt, revokedAt } = token;
  return {
    id,
    name,
    role,
    clusters: clusters === null ? null : [...clusters],
    createdBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

/** Tokens: made, listed, revoked. */
export const tokenRoutes: readonly Route[] = [
  route(
    {
      id: 'createToken',
      method: 'post',
      path: '/v1/tokens',
      tag,
      summary: 'Make an access token',
      body: jsonBody(tokenInput, { name: 'ci-frontend', role: 'EVALUATOR', clusters: ['prod-eu'] }),
      answers: {
        201: {
          description: 'The token, its secret included.',
          content: { 'application/json': newTokenAnswer },
        },
      },
      problems: ['CONFLICT'],
    },
    async ({ body, context }) => {
      const { token, secret } = await createToken(context, body);
      return json(201, { ...renderToken(token), token: secret });
    },
  ),
  route(
    {
      id: 'listTokens',
      method: 'get',
      path: '/v1/tokens',
      tag,
      summary: 'List the tokens, newest first, without their secrets',
      query: z.strictObject(pageParameters),
      answers: {
        200: { description: 'A page.', content: { 'application/json': pageSchema('tokens', tokenAnswer) } },
      },
      problems: ['INVALID_CURSOR'],
    },
    async ({ query, context }) =>
      json(200, renderPage('tokens', await listTokens(context, query), renderToken)),
  ),
  route(
    {
      id: 'revokeToken',
      method: 'delete',
      path: '/v1/tokens/{id}',
      tag,
      summary: 'Revoke a token, at once and for good',
      params: z.strictObject({
        id: nameParameter('Id of the token.', '019300aa-7f3e-7c1b-9d53-5f5d0a0d7c11'),
      }),
      answers: { 204: { description: 'It is good for nothing any more.', content: {} } },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { id }, context }) => {
      await revokeToken(context, id);
      return NO_CONTENT;
    },
  ),
];
