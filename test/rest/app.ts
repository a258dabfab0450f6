import { Router } from 'express';
import request from 'supertest';
import { v7 as uuidv7 } from 'uuid';
import { createAuthenticate } from '../../src/access/authenticate.js';
import { createApp } from '../../src/app.js';
import { createFailedAttempts, DEFAULT_FAILED_ATTEMPTS } from '../../src/http/failed-attempts.js';
import { createLogger } from '../../src/observability/logger.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { createPolicySetCache } from '../../src/operations/evaluation/policy-set-cache.js';
import type { Services } from '../../src/operations/context.js';
import { createPublicRoutes } from '../../src/rest/public-routes.js';
import { createRest } from '../../src/rest/routes.js';
import { findTokenByHash } from '../../src/storage/tokens.js';
import { readOnly } from '../../src/storage/transaction.js';
import { testDatabase } from '../support/database.js';
import { appendTo } from '../support/records.js';

export const ADMIN_TOKEN = 'admin-token-of-the-tests-0123456789abcdef';
export const BODY_LIMIT = 200_000;

/** The app on a database of the test file's own, and a client that is signed in as administrator. */
export async function testApp() {
  const database = await testDatabase();
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const metrics = createMetrics();
  const services: Services = {
    database,
    policySets: createPolicySetCache(database),
    decisionLog: {
      append: (id, generation, decisions) => appendTo(database, { id, generation }, ...decisions),
    },
    now: () => new Date(),
    newId: uuidv7,
    onEvaluated: metrics.observeEvaluation,
  };
  const authenticate = createAuthenticate({
    adminToken: ADMIN_TOKEN,
    findTokenByHash: (hash) => findTokenByHash(readOnly(database), hash),
    onTokenUsed: () => undefined,
    now: services.now,
  });
  const rest = createRest({ services, metrics, bodyLimit: BODY_LIMIT });
  const app = createApp({
    logger,
    metrics,
    authenticate,
    failedAttempts: createFailedAttempts({ ...DEFAULT_FAILED_ATTEMPTS, now: () => performance.now() }),
    publicRoutes: createPublicRoutes({ isReady: () => database.isReady(), openApi: rest.document }),
    rest: rest.router,
    graphql: Router(),
  });
  const as = (token: string) => request.agent(app).set('Authorization', `Bearer ${token}`);
  return { app, database, document: rest.document, as, admin: as(ADMIN_TOKEN), log: () => lines.join('') };
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
