import request from 'supertest';
import { afterAll, inject } from 'vitest';
import { compose } from '../../src/compose.js';
import type { Config } from '../../src/config.js';
import type { OpenApiDocument } from '../../src/rest/openapi/document.js';
import { TEST_SIGNING_SEED } from '../support/operation-context.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { noteSecret, recordedLogger } from '../support/run-record.js';

export const ADMIN_TOKEN = 'admin-token-of-the-tests-0123456789abcdef';
export const BODY_LIMIT = 200_000;

/** The whole of Podgate on a database of the test file's own, and a client that is signed in as administrator. */
export async function testApp(changes: Partial<Config> = {}) {
  const databaseUrl = await createDatabase(inject('templateDatabase'));
  const lines: string[] = [];
  const logger = recordedLogger('debug', (line) => void lines.push(line));
  noteSecret(TEST_SIGNING_SEED);
  const podgate = await compose(
    {
      host: '127.0.0.1',
      port: 0,
      dataDir: '/nonexistent',
      databaseUrl,
      adminToken: ADMIN_TOKEN,
      migrationDatabaseUrl: null,
      signingKey: TEST_SIGNING_SEED,
      signingKeySecret: null,
      trustedSigningKeys: [],
      rateLimits: { perAddress: null, perToken: null },
      trustedProxies: [],
      corsOrigins: [],
      oidc: null,
      logLevel: 'debug',
      bodyLimit: BODY_LIMIT,
      databasePoolSize: 5,
      databaseLimits: { connect: 5_000, silence: 5_000, statement: 30_000 },
      decisionQueue: 10_000,
      publicUrl: null,
      persistedDocuments: null,
      webhook: null,
      ...changes,
    },
    logger,
  );
  const { app } = podgate;
  afterAll(async () => {
    await podgate.close();
    await dropDatabase(databaseUrl);
  });
  const as = (token: string) => request.agent(app).set('Authorization', `Bearer ${token}`);
  const document: OpenApiDocument = (await request(app).get('/openapi.json')).body;
  return { app, services: podgate.services, document, as, admin: as(ADMIN_TOKEN), log: () => lines.join('') };
}

export type Client = Awaited<ReturnType<typeof testApp>>['admin'];

/** A PodSecurityPolicy in JSON, open but for what is given. */
export function policy(name: string, spec: Readonly<Record<string, unknown>> = {}) {
  const any = { rule: 'RunAsAny' };
  return {
    apiVersion: 'policy/v1beta1',
    kind: 'PodSecurityPolicy',
    metadata: { name },
    spec: { runAsUser: any, seLinux: any, fsGroup: any, supplementalGroups: any, volumes: ['*'], ...spec },
  };
}

/** A pod in JSON. */
export function pod(name: string, spec: Readonly<Record<string, unknown>> = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec },
  };
}
