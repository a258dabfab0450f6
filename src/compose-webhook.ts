import { join } from 'node:path';
import type { Authenticate } from './access/authenticate.js';
import type { Config, WebhookConfig } from './config.js';
import type { FailedAttempts } from './http/failed-attempts.js';
import type { Job } from './jobs/repeat.js';
import type { Logger } from './observability/logger.js';
import type { Metrics } from './observability/metrics.js';
import { createAdmissionClusters } from './operations/admission/admission-clusters.js';
import { createAdmissionRecorder } from './operations/admission/admission-recorder.js';
import { createMutateMemory } from './operations/admission/mutate-memory.js';
import { createMutateTies } from './operations/admission/mutate-ties.js';
import { createOutage } from './operations/admission/outage.js';
import type { Services } from './operations/context.js';
import { compileStored } from './operations/evaluation/compiled-set.js';
import { deleteOldTies } from './storage/admission-ties.js';
import { openDecisionJournal } from './storage/decision-journal.js';
import { openKnownClusters } from './storage/known-clusters.js';
import { createWebhookApp } from './webhook/app.js';
import { rememberCallers } from './webhook/remember-callers.js';
import { createWebhookServer, type WebhookServer } from './webhook/server.js';

/** What the webhook shares with the rest of Podgate. */
export interface WebhookGround {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly services: Services;
  readonly authenticate: Authenticate;
  readonly failedAttempts: FailedAttempts;
}

/** The webhook, put together: its server, and what it wants done by the clock. */
export interface Webhook {
  readonly server: WebhookServer;
  readonly jobs: readonly Job[];
  /** To be called when nothing is asked any more. */
  close(): Promise<void>;
}

/** Bytes of a review beside the object, which an update bears as it is and as it was. */
const REVIEW_ITSELF = 64 * 1024;

/** After so long the database counts as away, so that the requests after that don't wait for it. */
const DATABASE_PATIENCE_MS = 1_500;

/** The part of the composition root that makes the admission webhook. */
export async function assembleWebhook(
  { bodyLimit, publicUrl, dataDir }: Config,
  config: WebhookConfig,
  ground: WebhookGround,
): Promise<Webhook> {
  const { services, metrics, logger } = ground;
  const folder = join(dataDir, 'webhook');
  const outage = createOutage(DATABASE_PATIENCE_MS);
  const journal = openDecisionJournal({
    folder: join(folder, 'journal'),
    limit: config.journalLimit,
    onDamage: (file, lines) =>
      logger.error(
        { file, lines },
        'decisions in the journal can not be read or recorded: the file is kept aside',
      ),
  });
  const { database } = services;
  const recorder = createAdmissionRecorder({ services, database, journal, outage });
  const app = createWebhookApp({
    ...ground,
    admission: {
      clusters: createAdmissionClusters({
        database,
        kept: openKnownClusters(join(folder, 'clusters')),
        outage,
        compile: compileStored,
        onNotKept: (error) => logger.warn({ err: error }, 'a cluster is not kept for an outage'),
      }),
      recorder,
      mutated: createMutateTies(
        database,
        outage,
        createMutateMemory(() => performance.now()),
      ),
      excludedNamespaces: new Set(config.excludedNamespaces),
    },
    authenticate: rememberCallers(ground.authenticate, outage),
    onFailure: metrics.countAuthenticationFailure,
    reviewLimit: 2 * bodyLimit + REVIEW_ITSELF,
    publicUrl,
  });
  const server = await createWebhookServer(config, app);
  return {
    server,
    jobs: [
      { name: 'webhook certificate', everySeconds: 10, run: () => server.reloadCertificate() },
      { name: 'webhook ties', everySeconds: 60, run: () => deleteOldTies(database) },
      { name: 'webhook journal', everySeconds: 1, run: (stop) => recorder.recover(stop) },
    ],
    close: () => journal.close(),
  };
}
