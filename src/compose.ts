import { readFile } from 'node:fs/promises';
import type { Express } from 'express';
import { readOrMakeAdminToken } from './access/admin-token.js';
import { type Authenticate, createAuthenticate } from './access/authenticate.js';
import { parseSigningKey, readOrMakeSigningKey } from './access/signing-key.js';
import { parseVerifyingKey } from './model/verifying-key.js';
import { createOidc } from './access/oidc.js';
import { createApp } from './app.js';
import { HELD_BODIES, POLICY_THREADS, READING_THREADS, REPORTING_THREADS } from './compose-threads.js';
import { assembleWebhook } from './compose-webhook.js';
import { type Config, ConfigError } from './config.js';
import {
  createPersistedDocuments,
  type PersistedDocuments,
} from './graphql/persisted/persisted-documents.js';
import { createSchema } from './graphql/schema.js';
import { createGraphql } from './graphql/server.js';
import { createFailedAttempts, DEFAULT_FAILED_ATTEMPTS } from './http/failed-attempts.js';
import { drain, listenOn } from './http/listen.js';
import { holdBodies } from './http/held-bodies.js';
import { createRateLimits } from './http/rate-limits.js';
import { createHttpServer } from './http/server-limits.js';
import { trustedProxies } from './http/trusted-proxies.js';
import { databaseJobs } from './jobs/database-jobs.js';
import { createStoredSigning } from './operations/decisions/stored-signing.js';
import { repeat } from './jobs/repeat.js';
import type { Logger } from './observability/logger.js';
import { createMetrics } from './observability/metrics.js';
import { createRefusals } from './operations/access/refusals.js';
import { createTokenUse } from './operations/access/token-use.js';
import type { Services, Signing } from './operations/context.js';
import { signCheckpoints } from './operations/decisions/keep-log.js';
import { createVerifyInTurn } from './operations/decisions/verify-in-turn.js';
import { createNewId } from './operations/new-id.js';
import { createPolicySetCache } from './operations/evaluation/policy-set-cache.js';
import { createPublicRoutes } from './rest/public-routes.js';
import { createRest } from './rest/routes.js';
import { type Database, openDatabase } from './storage/database.js';
import { openDecisionFeed } from './storage/decision-feed.js';
import { openDecisionLog } from './storage/decision-log.js';
import { createTokenLookup } from './storage/token-lookup.js';
import { createObjectReader } from './threads/object-reader.js';
import { createPolicyWorker } from './threads/policy-worker.js';
import { createReportWriter } from './threads/report-writer.js';
import { createThreadPool } from './threads/thread-pool.js';
import type { WebhookServer } from './webhook/server.js';

/** Podgate, put together and ready to listen. */
export interface Podgate {
  readonly app: Express;
  readonly services: Services;
  /** Where this start wrote the admin token that it made; null where there was one. */
  readonly newAdminTokenPath: string | null;
  /** Listens; resolves to the base address. Where the port is taken, closes everything and rejects. */
  start(): Promise<string>;
  /** The base address of the webhook; null where it isn't started. */
  webhookAddress(): string | null;
  /** Stops accepting, finishes what is in flight, then closes the database, the embedded server last. */
  close(): Promise<void>;
}

type Schema = ReturnType<typeof createSchema>;

/** The composition root: the only place that constructs what the others receive. */
export async function compose(config: Config, logger: Logger): Promise<Podgate> {
  // API servers are answered with the last known policies, so that a start without the database makes sense.
  const startsWithout = config.webhook !== null;
  const schema = createSchema();
  const persistedDocuments = await readPersistedDocuments(config, schema);
  const onPrepareFailure = (error: unknown) => logger.warn({ err: error }, 'the database is not ready');
  const database = await openDatabase({ ...config, startsWithout, onPrepareFailure });
  let opened: OpenServices | null = null;
  try {
    opened = await openServices(config, database);
    return await assemble(config, logger, opened, { schema, persistedDocuments });
  } catch (error) {
    await opened?.closeAll();
    await database.close();
    throw error;
  }
}

/** Reads the GraphQL documents that are asked for by an id; throws {@link ConfigError} with everything wrong in them. */
async function readPersistedDocuments(
  { persistedDocuments }: Config,
  schema: Schema,
): Promise<PersistedDocuments | null> {
  if (persistedDocuments === null) return null;
  const { file, only } = persistedDocuments;
  let json: string;
  try {
    json = await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`PODGATE_PERSISTED_DOCUMENTS can't be read: ${messageOf(error)}`]);
  }
  const documents = createPersistedDocuments(schema, json, only);
  if (!('problems' in documents)) return documents;
  throw new ConfigError(documents.problems.map((problem) => `PODGATE_PERSISTED_DOCUMENTS ${problem}`));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function assemble(
  config: Config,
  logger: Logger,
  { services, metrics, writeReport, refusals, closeAll }: OpenServices,
  documents: { readonly schema: Schema; readonly persistedDocuments: PersistedDocuments | null },
): Promise<Podgate> {
  const { database } = services;
  const made = config.adminToken === null ? await readOrMakeAdminToken(config.dataDir) : null;
  const tokenUse = createTokenUse(database, services.now);
  const adminToken = made?.token ?? config.adminToken ?? '';
  const authenticate = authenticator(config, services, adminToken, (id) => tokenUse.note(id));
  const edge = edgeOf(config);
  const ground = { logger, metrics, services, authenticate, failedAttempts: edge.failedAttempts };
  const graphql = await createGraphql({ ...ground, ...edge, ...documents, bodyLimit: config.bodyLimit });
  const rest = createRest({ services, metrics, writeReport, bodyLimit: config.bodyLimit });
  const app = createApp({
    ...ground,
    ...edge,
    publicRoutes: createPublicRoutes({ isReady: () => database.isReady(), openApi: rest.document }),
    rest: rest.router,
    graphql,
  });
  const webhook = config.webhook === null ? null : await assembleWebhook(config, config.webhook, ground);
  const flushTokenUse = { name: 'token use', everySeconds: 10, run: () => tokenUse.flush() };
  const flushRefusals = { name: 'refusals', everySeconds: 5, run: () => refusals.flush() };
  const stopJobs = repeat(
    [flushTokenUse, flushRefusals, ...databaseJobs(services), ...(webhook?.jobs ?? [])],
    (job, error) => logger.warn({ err: error, job: job.name }, 'job failed'),
  );
  const server = createHttpServer(app);
  graphql.attach(server);
  const close = async () => {
    await graphql.endSubscriptions();
    await Promise.all([drain(server), webhook?.server.close()]);
    await graphql.stop();
    await stopJobs();
    await webhook?.close();
    const warn = (message: string) => (error: unknown) => logger.warn({ err: error }, message);
    await tokenUse.flush().catch(warn('last uses of tokens are lost'));
    await refusals.flush().catch(warn('refusals are not recorded'));
    await closeAll();
    await signCheckpoints(services).catch(warn('the ends of the decision logs are not signed'));
    await database.close();
  };
  return {
    app,
    services,
    newAdminTokenPath: made?.created ? made.path : null,
    start: () => start(config, server, webhook?.server ?? null, close),
    webhookAddress: () => webhook?.server.address() ?? null,
    close,
  };
}

/** Knows the admin token, the tokens of the database and those of the identity provider. */
function authenticator(
  { oidc }: Config,
  { database, now }: Services,
  adminToken: string,
  onTokenUsed: (id: string) => void,
): Authenticate {
  return createAuthenticate({
    adminToken,
    findTokenByHash: createTokenLookup(database),
    onTokenUsed,
    oidc: oidc === null ? null : createOidc(oidc),
    now,
  });
}

/** What is decided of a request by where it comes from. */
function edgeOf({ rateLimits, trustedProxies: proxies, corsOrigins, bodyLimit }: Config) {
  return {
    failedAttempts: createFailedAttempts({ ...DEFAULT_FAILED_ATTEMPTS, now: () => performance.now() }),
    rateLimits: createRateLimits(rateLimits),
    holdBodies: holdBodies({ most: HELD_BODIES, unknown: bodyLimit }),
    trustedProxies: trustedProxies(proxies),
    corsOrigins,
  };
}

/** The key of the configuration, else the one that replicas share in the database, else that of the data directory. */
async function openSigning(config: Config, database: Database): Promise<Signing> {
  const { signingKey, signingKeySecret, trustedSigningKeys, dataDir } = config;
  const trusted = trustedSigningKeys.map(parseVerifyingKey);
  if (signingKeySecret !== null) {
    const signing = createStoredSigning(database, signingKeySecret, trusted);
    // A secret that doesn't open it stops the start; a database that is away doesn't.
    if (await database.isReady()) await signing.key();
    return signing;
  }
  const key = signingKey === null ? await readOrMakeSigningKey(dataDir) : parseSigningKey(signingKey);
  return { key: async () => key, trusted: async () => trusted };
}

/** What the operations work with; closed when everything that was taken is recorded. */
async function openServices(config: Config, database: Database) {
  const metrics = createMetrics();
  metrics.watchPool(() => database.poolState());
  const signing = await openSigning(config, database);
  const policySets = createPolicySetCache(database);
  const log = openDecisionLog(database, { waiting: config.decisionQueue });
  const reading = createThreadPool(READING_THREADS);
  const reporting = createThreadPool(REPORTING_THREADS);
  const policies = createThreadPool(POLICY_THREADS);
  const refusals = createRefusals(database);
  const decisionFeed = openDecisionFeed(database, (clusterId) => policySets.forget(clusterId));
  const services: Services = {
    database,
    policySets,
    decisionLog: {
      async append(clusterId, generation, decisions, tie) {
        const outcome = await log.append(clusterId, generation, decisions, tie);
        if (outcome.recorded) {
          metrics.countDecisions(decisions.length);
          decisionFeed.recorded(clusterId);
        }
        return outcome;
      },
    },
    decisionFeed,
    signing,
    readObjects: createObjectReader(reading),
    runPolicyTask: createPolicyWorker(policies),
    verifyInTurn: createVerifyInTurn(),
    now: () => new Date(),
    newId: createNewId(),
    onRefused: (refusal) => refusals.note(refusal),
    onEvaluated: metrics.observeEvaluation,
  };
  const closeAll = async () => {
    await Promise.all([reading.close(), reporting.close(), policies.close()]);
    await log.close();
    await decisionFeed.close();
  };
  return { services, metrics, writeReport: createReportWriter(reporting), refusals, closeAll };
}

type OpenServices = Awaited<ReturnType<typeof openServices>>;

const LISTENER = { host: 'PODGATE_HOST', port: 'PODGATE_PORT' };

type HttpServer = ReturnType<typeof createHttpServer>;

async function start(
  config: Config,
  server: HttpServer,
  webhook: WebhookServer | null,
  close: () => Promise<void>,
): Promise<string> {
  try {
    await webhook?.start();
    return `http://${await listenOn(server, config.host, config.port, LISTENER)}`;
  } catch (error) {
    await close();
    throw error;
  }
}
