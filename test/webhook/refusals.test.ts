import { beforeAll, describe, expect, test } from 'vitest';
import { createToken } from '../../src/operations/access/tokens.js';
import { createWebhookSecret, revokeWebhookSecret } from '../../src/operations/admission/webhook-secrets.js';
import { listChanges } from '../../src/operations/changes/list-changes.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { ADMIN_TOKEN, admissionPod, REVIEW_LIMIT, podReview, webhookApp } from './webhook-app.js';

let app: Awaited<ReturnType<typeof webhookApp>>;
const secrets = { other: '', revoked: '', own: '' };
let viewer: string;

beforeAll(async () => {
  app = await webhookApp();
  for (const name of ['prod', 'other']) await saveCluster(app.context, { name });
  secrets.own = (await createWebhookSecret(app.context, 'prod')).secret;
  secrets.other = (await createWebhookSecret(app.context, 'other')).secret;
  const revoked = await createWebhookSecret(app.context, 'prod');
  await revokeWebhookSecret(app.context, { cluster: 'prod', id: revoked.webhookSecret.id });
  secrets.revoked = revoked.secret;
  const token = { name: 'reader', role: 'VIEWER', clusters: null, expiresAt: null } as const;
  viewer = (await createToken(app.context, token)).secret;
});

async function recordedRefusals() {
  const all = await listChanges(app.context, { first: 100, after: null });
  return all.edges
    .map(({ node }) => node)
    .filter(({ action }) => action === 'ACCESS_REFUSED')
    .map(({ actor, clusterName: cluster, details }) => ({
      actor,
      cluster,
      ...details,
      message: String(details['message']),
      count: Number(details['count']),
    }));
}

const sumOf = (refusals: readonly { readonly count: number }[]) =>
  refusals.reduce((sum, { count }) => sum + count, 0);

const good = podReview(admissionPod());
const { request: _, ...withoutRequest } = good;
const NO_REVIEW = 'This is no AdmissionReview that can be answered';
const bearer = () => ({ Authorization: `Bearer ${viewer}` });

interface Refused {
  readonly path: () => string;
  readonly body?: unknown;
  readonly headers?: () => Readonly<Record<string, string>>;
  readonly status: number;
  readonly actor: string;
  readonly cluster: string | null;
  readonly message: string | RegExp;
}

const own = () => `/admission/prod/~${secrets.own}/mutate`;
const known = { path: own, actor: 'webhook:prod', cluster: 'prod' };
const guessed = { actor: 'unknown', status: 401, message: "The secret in the webhook's path is not valid" };

const CASES: readonly (readonly [string, Refused])[] = [
  ['what is no JSON', { ...known, body: '{', status: 400, message: NO_REVIEW }],
  ['what is no review', { ...known, body: { ...good, kind: 'Pod' }, status: 422, message: NO_REVIEW }],
  ['another version', { ...known, body: { ...good, apiVersion: 'v9' }, status: 422, message: NO_REVIEW }],
  ['no request', { ...known, body: withoutRequest, status: 422, message: NO_REVIEW }],
  [
    'a body over the limit',
    {
      ...known,
      body: 'x'.repeat(REVIEW_LIMIT + 1),
      status: 413,
      message: `The body is larger than ${REVIEW_LIMIT} bytes`,
    },
  ],
  [
    'another media type',
    {
      ...known,
      headers: () => ({ 'Content-Type': 'text/plain' }),
      status: 415,
      message: /text\/plain|media type/i,
    },
  ],
  [
    'an unknown cluster',
    {
      path: () => '/admission/nowhere/mutate',
      headers: () => ({ Authorization: `Bearer ${ADMIN_TOKEN}` }),
      status: 404,
      actor: 'admin',
      cluster: null,
      message: 'There is no such cluster',
    },
  ],
  ['a wrong secret', { ...guessed, path: () => '/admission/prod/~wrong/validate', cluster: 'prod' }],
  [
    'the secret of another cluster',
    { ...guessed, path: () => `/admission/prod/~${secrets.other}/mutate`, cluster: 'prod' },
  ],
  [
    'a revoked secret',
    { ...guessed, path: () => `/admission/prod/~${secrets.revoked}/mutate`, cluster: 'prod' },
  ],
  [
    'a secret for an unknown cluster',
    { ...guessed, path: () => `/admission/none/~${secrets.own}/mutate`, cluster: null },
  ],
  [
    'no credentials at all',
    {
      path: () => '/admission/prod/mutate',
      status: 401,
      actor: 'unknown',
      cluster: 'prod',
      message: /^An Authorization header/,
    },
  ],
  [
    'a token that may not evaluate',
    {
      path: () => '/admission/prod/mutate',
      headers: bearer,
      status: 403,
      actor: 'token:reader',
      cluster: 'prod',
      message: /pod:evaluate/,
    },
  ],
];

describe('a refused review', () => {
  test.each(CASES)('is answered as none that an API server takes: %s', async (_, refused) => {
    const { path, body = good, headers = () => ({}), status } = refused;
    const answer = await app.post(path(), body, headers());
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ type: expect.stringMatching(/^urn:podgate:problem:/) });
    expect(answer.body).not.toHaveProperty('response');
  });

  test('is recorded with its caller, its cluster and its reason, equal ones as one', async () => {
    const count = async () => sumOf(await recordedRefusals());
    await expect.poll(count, { timeout: 20_000 }).toBe(CASES.length);
    const recorded = await recordedRefusals();
    for (const [, { actor, cluster, message }] of CASES) {
      const text = typeof message === 'string' ? message : expect.stringMatching(message);
      expect(recorded).toContainEqual(
        expect.objectContaining({ actor, cluster, source: 'WEBHOOK', message: text }),
      );
    }
    for (const secret of Object.values(secrets)) expect(JSON.stringify(recorded)).not.toContain(secret);
  });

  test('is one of few, however many media types, charsets and encodings the caller makes up', async () => {
    const ofBodies = async () => {
      const recorded = await recordedRefusals();
      const found = recorded.filter(({ message }) => /Content-|Charset|media type/i.test(message));
      return { messages: new Set(found.map(({ message }) => message)), sum: sumOf(found) };
    };
    const before = (await ofBodies()).sum;
    const refused = [1, 2, 3].flatMap((number) => [
      { 'Content-Type': `text/x-${number}` },
      { 'Content-Type': `application/json; charset=x-${number}` },
      { 'Content-Encoding': `x-${number}` },
    ]);
    for (const headers of refused) expect((await app.post(own(), good, headers)).status).toBe(415);
    await expect.poll(async () => (await ofBodies()).sum, { timeout: 20_000 }).toBe(before + refused.length);
    expect((await ofBodies()).messages.size).toBe(1);
  });

  test('costs a record or two where it is one of a flood', async () => {
    const before = (await recordedRefusals()).length;
    const flood = Array.from({ length: 150 }, (_, number) =>
      app.post(`/admission/none-${number}/~wrong-${number}/mutate`, good, {}),
    );
    // Above a hundred wrong ones in a minute an address is told to stop.
    expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([401, 429]));
    const flooded = async () => sumOf((await recordedRefusals()).slice(0, -before));
    await expect.poll(flooded, { timeout: 20_000 }).toBe(150);
    expect((await recordedRefusals()).length - before).toBeLessThanOrEqual(4);
  });
});
