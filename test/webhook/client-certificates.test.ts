import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { makeCertificate } from '../../src/cli/certificate/make-certificate.js';
import { createToken } from '../../src/operations/access/tokens.js';
import { saveCluster } from '../../src/operations/clusters/save-cluster.js';
import { getDecision } from '../../src/operations/decisions/get-decision.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { contextOf } from '../support/operation-context.js';
import { admissionPod, openWebhook, podReview } from './webhook-app.js';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'podgate-clients-'));
const client = (changes: object = {}) => {
  const made = makeCertificate({
    hosts: ['api-server'],
    holder: 'client',
    notBefore: new Date(Date.now() - DAY_MS),
    days: 2,
    ...changes,
  });
  return { cert: made.certificate, key: made.key, authority: made.authority };
};
const known = client();
const past = client({ notBefore: new Date(Date.now() - 3 * DAY_MS), days: 1 });
const server = client({ holder: 'server' });

let databaseUrl: string;
let webhook: Awaited<ReturnType<typeof openWebhook>>;
let token: string;

beforeAll(async () => {
  databaseUrl = await createDatabase(inject('templateDatabase'));
  const clientCa = join(folder, 'client-ca.crt');
  writeFileSync(clientCa, [known, past, server].map(({ authority }) => authority).join(''));
  webhook = await openWebhook(databaseUrl, folder, { clientCa });
  const context = contextOf(webhook.services);
  await saveCluster(context, { name: 'prod' });
  const settings = { name: 'api-server', role: 'EVALUATOR', clusters: ['prod'], expiresAt: null } as const;
  token = (await createToken(context, settings)).secret;
});

afterAll(async () => {
  await webhook.close();
  await dropDatabase(databaseUrl);
  rmSync(folder, { recursive: true });
});

const ask = (certificate: object, headers: Readonly<Record<string, string>> = {}) =>
  webhook.post('/admission/prod/mutate', podReview(admissionPod()), headers, certificate);

describe('an API server is let in', () => {
  test('with a certificate of the known authority, and is named by it', async () => {
    const { status, body } = await ask({ cert: known.cert, key: known.key });
    expect(status).toBe(200);
    const context = contextOf(webhook.services);
    const { actor } = await getDecision(context, body.response.auditAnnotations.decision);
    expect(actor).toBe('certificate:api-server');
  });

  test('without a certificate by a bearer token', async () => {
    expect((await ask({}, { Authorization: `Bearer ${token}` })).status).toBe(200);
  });
});

describe('an API server is refused', () => {
  const stranger = client();
  test.each([
    ['with a certificate of another authority of the same name', stranger],
    ['with an expired certificate', past],
    ['with the certificate of a server', server],
    ['without a certificate', {}],
  ])('%s', async (_, { cert, key }: { cert?: string; key?: string }) => {
    const certificate = cert === undefined || key === undefined ? {} : { cert, key };
    const { status, body } = await ask(certificate);
    expect(status).toBe(401);
    expect(body).not.toHaveProperty('response');
  });
});
