import type { Server } from 'node:http';
import type { Express } from 'express';
import { Router } from 'express';
import request from 'supertest';
import { afterAll } from 'vitest';
import { createAuthenticate } from '../../src/access/authenticate.js';
import { createApp } from '../../src/app.js';
import {
  createPersistedDocuments,
  type PersistedDocuments,
} from '../../src/graphql/persisted/persisted-documents.js';
import { createSchema } from '../../src/graphql/schema.js';
import { createGraphql } from '../../src/graphql/server.js';
import { createFailedAttempts, DEFAULT_FAILED_ATTEMPTS } from '../../src/http/failed-attempts.js';
import { holdBodies } from '../../src/http/held-bodies.js';
import { createRateLimits, type RateLimitSettings } from '../../src/http/rate-limits.js';
import { trustedProxies } from '../../src/http/trusted-proxies.js';
import { createMetrics } from '../../src/observability/metrics.js';
import type { Services } from '../../src/operations/context.js';
import { createTokenLookup } from '../../src/storage/token-lookup.js';
import { testDatabase } from '../support/database.js';
import { testServices } from '../support/operation-context.js';
import { recordedLogger } from '../support/run-record.js';

/** The admin token of the test's app. */
export const ADMIN_TOKEN = 'the-admin-token-of-the-graphql-tests';

/** What GraphQL over HTTP answers. */
export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The app on a database of its own, with GraphQL alone. */
export interface GraphqlApp {
  readonly app: Express;
  readonly services: Services;
  /** Makes a server of Node take subscriptions. */
  readonly attach: (server: Server) => void;
  /** Every line that was logged, parsed. */
  readonly logged: Record<string, unknown>[];
  /** Runs an operation as the admin, or with another token. */
  readonly run: (query: string, variables?: object, token?: string) => Promise<Answer>;
}

/** What is at a path in an answer's data; undefined where nothing is. */
export function at(answer: Answer, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | null | undefined)?.[key],
    answer.data,
  );
}

const schema = createSchema();

function persistedDocuments(manifest: object, only: boolean): PersistedDocuments {
  const documents = createPersistedDocuments(schema, JSON.stringify(manifest), only);
  if ('problems' in documents) throw new Error(documents.problems.join('; '));
  return documents;
}

/** Makes the app for a test file. */
export async function graphqlApp(
  changes: Partial<Services> = {},
  limits: RateLimitSettings = { perAddress: null, perToken: null },
  persisted: { readonly manifest: object; readonly only: boolean } | null = null,
): Promise<GraphqlApp> {
  const database = await testDatabase();
  const services = testServices(database, changes);
  const logged: Record<string, unknown>[] = [];
  const logger = recordedLogger(
    'info',
    (line) => void logged.push(JSON.parse(line) as Record<string, unknown>),
  );
  const metrics = createMetrics();
  const authenticate = createAuthenticate({
    adminToken: ADMIN_TOKEN,
    findTokenByHash: createTokenLookup(database),
    onTokenUsed: () => {},
    oidc: null,
    now: services.now,
  });
  const failedAttempts = createFailedAttempts({ ...DEFAULT_FAILED_ATTEMPTS, now: () => performance.now() });
  const bodyLimit = 3 * 1024 * 1024;
  const rateLimits = createRateLimits(limits);
  const ground = { logger, metrics, authenticate, failedAttempts, rateLimits };
  const parts = {
    ...ground,
    trustedProxies: trustedProxies([]),
    holdBodies: holdBodies({ most: 16 * bodyLimit, unknown: bodyLimit }),
    services,
    bodyLimit,
    schema,
    persistedDocuments: persisted === null ? null : persistedDocuments(persisted.manifest, persisted.only),
  };
  const graphql = await createGraphql(parts);
  afterAll(graphql.endSubscriptions);
  afterAll(graphql.stop);
  const app = createApp({
    ...parts,
    corsOrigins: [],
    publicRoutes: Router(),
    rest: Router(),
    graphql,
  });
  return {
    app,
    services,
    logged,
    attach: graphql.attach,
    async run(query, variables = {}, token = ADMIN_TOKEN) {
      const response = await request(app)
        .post('/graphql')
        .set('Authorization', `Bearer ${token}`)
        .send({ query, variables });
      return response.body as Answer;
    },
  };
}
